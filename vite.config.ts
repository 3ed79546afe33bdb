// The page: web/page built into build/page, a folder of static files that works from any path of any host.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The tokenizer library in a file of its own: it changes rarely, and it is weighed apart (build-scripts/test.mjs). */
const chunks = {
  output: { codeSplitting: { groups: [{ name: 'tokenizers', test: /@huggingface[\\/]tokenizers/ }] } },
};

export default defineConfig({
  root: here('web/page'),
  base: './',
  publicDir: false,
  worker: { format: 'es', rolldownOptions: chunks },
  build: {
    outDir: here('build/page'),
    emptyOutDir: true,
    target: 'es2022',
    // These know oklch(): for older browsers the minifier would rewrite the theme's colours, which canvases read too.
    cssTarget: ['chrome111', 'firefox113', 'safari16.4'],
    assetsInlineLimit: 0, // the page's policy allows no data: URLs except images; models become files, too
    modulePreload: { polyfill: false }, // an inline script the policy would refuse
    reportCompressedSize: false,
    rolldownOptions: chunks,
  },
});
