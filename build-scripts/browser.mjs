// Finds the browser that the tests drive: CHROME_PATH, then chromium, chromium-browser, google-chrome(-stable) or
// chrome on PATH, then the usual place on macOS; on Debian and its descendants the package `chromium` is installed when
// that is possible without asking (as root, or with a sudo that needs no password).

import fs from 'node:fs';
import { aptInstall } from './apt.mjs';
import { findOnPath, Sentence } from './console.mjs';

const kNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const kMacPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** For puppeteer: no sandbox only where it cannot work (as root). */
export const kBrowserArgs = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-background-networking',
];

/** The browser's program file; undefined when there is none. */
export function findBrowser(env = process.env) {
  if (env.CHROME_PATH) {
    if (fs.existsSync(env.CHROME_PATH)) return env.CHROME_PATH;
    throw new Sentence(`CHROME_PATH names ${env.CHROME_PATH}, which does not exist.`);
  }
  return findOnPath(kNames, env.PATH) ?? kMacPlaces.find((file) => fs.existsSync(file));
}

/** The browser's program file, installed now if that is possible. */
export async function ensureBrowser() {
  const found = findBrowser();
  if (found) return found;
  if (await aptInstall(['chromium'], 'for the tests')) {
    const installed = findBrowser();
    if (installed) return installed;
  }
  throw new Sentence(
    'The page is tested in Chromium or Chrome: please install one, or set CHROME_PATH to its program file.',
  );
}
