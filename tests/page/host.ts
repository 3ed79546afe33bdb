// Serves the built page in ways that npm start does not: without the isolation headers, under a sub-path, with files
// that are missing or of the wrong type. What npm start does is tested through its own server.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sirv from 'sirv';

export const kBuiltPage = fileURLToPath(new URL('../../build/page', import.meta.url));

/** The path under which the build put a file of web/: the one with the same bytes, whatever its name. */
export function builtAs(source: string): RegExp {
  const bytes = readFileSync(fileURLToPath(new URL(`../../web/${source}`, import.meta.url)));
  const found = readdirSync(kBuiltPage, { recursive: true, withFileTypes: true }).find(
    (entry) => entry.isFile() && bytes.equals(readFileSync(join(entry.parentPath, entry.name))),
  );
  if (!found) throw new Error(`the built page has no ${source}`);
  return new RegExp(`/${found.name.replaceAll('.', '\\.')}$`);
}

export interface HostOptions {
  /** The page lies under this path, "/" by default. */
  base?: string;
  /** Send the headers that make the page cross-origin isolated. */
  isolated?: boolean;
  /** Paths that answer 404. */
  missing?: RegExp;
  /** Paths that answer with a web page, as hosts do that rewrite every unknown address. */
  rewritten?: RegExp;
}

export interface Host {
  url: string;
  /** Paths that were asked for, in order. */
  asked: string[];
  options: HostOptions;
  close(): Promise<void>;
}

export async function hostPage(options: HostOptions = {}): Promise<Host> {
  const files = sirv(kBuiltPage, { dev: true });
  const asked: string[] = [];
  const host: Host = { url: '', asked, options, close: () => close(server) };
  const server = createServer((request, response) => {
    const { base = '/', isolated, missing, rewritten } = host.options;
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const path = new URL(request.url ?? '/', 'http://host').pathname;
    asked.push(path);
    const notFound = (): void => {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found');
    };
    if (!path.startsWith(base) || missing?.test(path)) return notFound();
    if (rewritten?.test(path))
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><p>hello');
    request.url = `/${path.slice(base.length)}`;
    return files(request, response, notFound);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${options.base ?? '/'}`;
  return host;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
}
