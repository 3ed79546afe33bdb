// The page: web/page built into build/page, a folder of static files that works from any path of any host.
import { cpSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The shipped models lie beside the page under their own names, so that a link to one stays a link. */
function copyModels(): Plugin {
  return {
    name: 'copy-models',
    apply: 'build',
    closeBundle() {
      if (existsSync(here('web/models'))) {
        cpSync(here('web/models'), here('build/page/models'), { recursive: true });
      }
    },
  };
}

/** The tokenizer library in a file of its own: it changes rarely, and it is weighed apart (build-scripts/test.mjs). */
const chunks = {
  output: { codeSplitting: { groups: [{ name: 'tokenizers', test: /@huggingface[\\/]tokenizers/ }] } },
};

export default defineConfig({
  root: here('web/page'),
  base: './',
  publicDir: false,
  plugins: [copyModels()],
  worker: { format: 'es', rolldownOptions: chunks },
  build: {
    outDir: here('build/page'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the page's policy allows no data: URLs except images
    modulePreload: { polyfill: false }, // an inline script the policy would refuse
    reportCompressedSize: false,
    rolldownOptions: chunks,
  },
});
