// One browser, pages opened in it, and a memory of everything that a page must not do: write to the console, throw,
// break its content security policy.
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { findBrowser, kBrowserArgs } from '../../build-scripts/browser.mjs';

export type Theme = 'light' | 'dark';

export interface Visit {
  width?: number;
  height?: number;
  theme?: Theme;
  reducedMotion?: boolean;
  /** Called before the page is asked for: to hide a feature of the browser, or to watch. */
  before?: (page: Page) => Promise<void>;
}

/** A page and what it did that it should not. */
export interface Visitor {
  page: Page;
  complaints: string[];
}

export function launchBrowser(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('no Chromium or Chrome was found: see build-scripts/browser.mjs');
  return puppeteer.launch({ executablePath, args: [...kBrowserArgs, ...more] });
}

export async function visit(browser: Browser, url: string, options: Visit = {}): Promise<Visitor> {
  const { width = 1280, height = 900, theme = 'dark', reducedMotion = false } = options;
  // A context of its own has its own cache and storage, so that no visit sees another's.
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console ${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) =>
    complaints.push(`thrown: ${error instanceof Error ? error.message : String(error)}`),
  );
  page.on('workercreated', (worker) => {
    worker.on('console', (message) => complaints.push(`worker console ${message.type()}: ${message.text()}`));
    worker.on('error', (error) => complaints.push(`thrown in a worker: ${error.message}`));
  });
  await page.setViewport({ width, height });
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: theme },
    { name: 'prefers-reduced-motion', value: reducedMotion ? 'reduce' : 'no-preference' },
  ]);
  await page.exposeFunction('reportViolation', (text: string) => complaints.push(`policy: ${text}`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const report = (window as unknown as { reportViolation(text: string): void }).reportViolation;
      report(`${event.violatedDirective} ${event.blockedURI}`);
    });
  });
  await options.before?.(page);
  await page.goto(url, { waitUntil: 'domcontentloaded' });
  return { page, complaints };
}

/** Closes a page with its context. */
export async function leave({ page }: Visitor): Promise<void> {
  await page.browserContext().close();
}
