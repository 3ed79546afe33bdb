// npm start: sets up whatever is missing, builds what has changed, serves the page and prints its address.
// Runs with nothing installed; once set up it needs no network and answers in well under a second.
//
//   npm start                      the first free port from 5173 on
//   PORT=8080 npm start            this port (also: npm start -- --port 8080)

import path from 'node:path';
import { isMain, main, Sentence, say } from './console.mjs';
import { checkNode, ensureDependencies } from './setup.mjs';
import { ensureToolchain, root } from './toolchain.mjs';

/** The port that was asked for, undefined for "any". */
export function wantedPort(args, env) {
  const at = args.indexOf('--port');
  const text = at >= 0 ? (args[at + 1] ?? '') : env.PORT;
  if (text === undefined || (at < 0 && text === '')) return undefined;
  if (!/^\d+$/.test(text) || Number(text) > 65535) throw new Sentence(`"${text}" is not a port: 0 to 65535.`);
  return Number(text);
}

if (isMain(import.meta.url)) {
  main(async (args) => {
    checkNode();
    const port = wantedPort(args, process.env);
    await Promise.all([ensureDependencies(), ensureToolchain()]);
    const { buildPage } = await import('./build.mjs');
    await buildPage();
    const { serve, serveOnFreePort } = await import('./serve.mjs');
    const dir = path.join(root, 'build/page');
    const server = await (port === undefined ? serveOnFreePort({ dir }) : serve({ dir, port })).catch(
      (error) => {
        if (error.code === 'EADDRINUSE')
          throw new Sentence(`Port ${port} is in use: choose another with PORT=... npm start.`);
        if (error.code === 'EACCES')
          throw new Sentence(`Port ${port} may not be used by this user: choose one above 1023.`);
        throw error;
      },
    );
    say(`Limelight is at ${server.url}`);
  });
}
