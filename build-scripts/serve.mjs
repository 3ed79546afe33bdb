// The server behind `npm start`, also used by the tests: static files with the headers that the page is meant to have.
// Any static host can serve the page; these headers are the strictest under which it works.

import http from 'node:http';
import sirv from 'sirv';

// No inline script or style, nothing evaluated, nothing from elsewhere.
export const kContentSecurityPolicy =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:";

const kHeaders = {
  'Content-Security-Policy': kContentSecurityPolicy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

// Makes the page cross-origin isolated (precise clocks, shared memory). Everything also works without.
const kIsolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

function listen(handler, port, host) {
  return new Promise((resolve, reject) => {
    const server = http.createServer(handler);
    server.once('error', reject);
    server.listen(port, host, () => resolve(server));
  });
}

/**
 * Serves the folder `dir` on this machine only. `port` 0: any free one; `isolated`: send COOP and COEP.
 * Resolves to { url, port, close() }; rejects with code EADDRINUSE when the port is taken.
 */
export async function serve({ dir, port = 0, isolated = true }) {
  const headers = { ...kHeaders, ...(isolated ? kIsolation : {}) };
  const files = sirv(dir, {
    dev: true, // looks at the disk at each request, so a rebuilt page is served without a restart
    etag: true,
    brotli: true,
    setHeaders(response, pathname) {
      if (pathname.endsWith('.html') || pathname.endsWith('/'))
        response.setHeader('Cache-Control', 'no-store');
      else if (/\/assets\//.test(pathname))
        response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
      else response.setHeader('Cache-Control', 'no-cache');
      if (pathname.endsWith('.safetensors')) response.setHeader('Content-Type', 'application/octet-stream');
    },
  });
  const handler = (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    files(request, response, () => {
      response.statusCode = 404;
      response.setHeader('Content-Type', 'text/plain; charset=utf-8');
      response.end('Not found');
    });
  };

  const servers = [await listen(handler, port, '127.0.0.1')];
  const chosen = servers[0].address().port;
  try {
    // "localhost" may mean ::1: be there too, and never share the name with another program.
    servers.push(await listen(handler, chosen, '::1'));
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      servers[0].close();
      throw error;
    }
  }
  const close = (server) =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return {
    url: `http://localhost:${chosen}/`,
    port: chosen,
    close: () => Promise.all(servers.map(close)).then(() => undefined),
  };
}

/** Serves on the first free port from `first` on. */
export async function serveOnFreePort({ first = 5173, ...options }) {
  for (let port = first; port < first + 100; ++port) {
    try {
      return await serve({ ...options, port });
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
  return serve({ ...options, port: 0 });
}
