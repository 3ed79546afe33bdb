// Writes dist/, the contents of the npm package: the engine bundled with what it needs (no runtime dependencies), its
// workers, the WebAssembly modules, the types, the shipped models and recipes, and the program (cli.js). Used by
// build.mjs.
//
// The sources name the engine's files by where they lie in this project; in the package all lie beside index.js. The
// form stays `new URL('./name', import.meta.url)` and `import('./name')`, which every bundler of a consumer understands.

import fs from 'node:fs';
import path from 'node:path';
import { rolldown } from 'rolldown';
import ts from 'typescript';
import { Sentence } from './console.mjs';
import { listFiles } from './stamp.mjs';
import { root } from './toolchain.mjs';

const kMoves = [
  [/(['"])\.\.\/\.\.\/build\/wasm\//g, '$1./'],
  [/(['"])\.\.\/(models|recipes)\//g, '$1./$2/'],
  [/(['"])\.\/(worker|helper|training-worker)\.ts\1/g, '$1./$2.js$1'],
  [/(['"])\.\.\/engine\/index\.ts\1/g, '$1./index.js$1'],
];

/** For the sources in a folder of this project. */
function moveFiles(folder) {
  return {
    name: 'move-files',
    transform(code, id) {
      if (!id.startsWith(path.join(root, folder))) return null;
      return { code: kMoves.reduce((text, [from, to]) => text.replace(from, to), code), map: null };
    },
  };
}

async function bundle(dist) {
  const engine = path.join(root, 'web/engine');
  const build = await rolldown({
    input: Object.fromEntries(
      ['index', 'worker', 'helper', 'training-worker'].map((name) => [name, path.join(engine, `${name}.ts`)]),
    ),
    external: [/limelight-((arrays|training)-)?(simd|relaxed|threads)\.js$/],
    plugins: [moveFiles('web/engine')],
    platform: 'browser',
    transform: { target: 'es2022' },
    logLevel: 'warn',
  });
  await build.write({ dir: dist, format: 'es', minify: false, chunkFileNames: 'shared-[name].js' });
  await build.close();
}

/** The program, which imports index.js as everybody does. */
async function bundleProgram(dist) {
  const build = await rolldown({
    input: path.join(root, 'web/cli/cli.ts'),
    external: ['./index.js', /^node:/],
    plugins: [moveFiles('web/cli')],
    platform: 'node',
    transform: { target: 'es2022' },
    logLevel: 'warn',
  });
  const file = path.join(dist, 'cli.js');
  await build.write({ file, format: 'es', minify: false });
  await build.close();
  fs.chmodSync(file, 0o755);
}

/** The .d.ts files, with import paths as Node resolves them. */
function writeTypes(dist) {
  const configFile = path.join(root, 'tsconfig.engine.json');
  const config = ts.getParsedCommandLineOfConfigFile(
    configFile,
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic() {} },
  );
  const options = {
    ...config.options,
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: dist,
  };
  const program = ts.createProgram(config.fileNames, options);
  const write = (file, text) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text.replace(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'));
  };
  const emitted = program.emit(undefined, write);
  const problems = [...ts.getPreEmitDiagnostics(program), ...emitted.diagnostics];
  if (problems.length > 0) {
    const host = {
      getCurrentDirectory: () => root,
      getCanonicalFileName: (name) => name,
      getNewLine: () => '\n',
    };
    throw new Sentence(ts.formatDiagnostics(problems, host));
  }
}

export async function writePackage() {
  const dist = path.join(root, 'dist');
  fs.rmSync(dist, { recursive: true, force: true });
  await bundle(dist);
  await bundleProgram(dist);
  writeTypes(dist);
  for (const name of listFiles(path.join(root, 'build/wasm'), ['.'])) {
    fs.copyFileSync(path.join(root, 'build/wasm', name), path.join(dist, name));
  }
  for (const model of shippedModels()) {
    fs.cpSync(path.join(root, 'web/models', model), path.join(dist, 'models', model), { recursive: true });
  }
  fs.cpSync(path.join(root, 'web/recipes'), path.join(dist, 'recipes'), { recursive: true });
}

/** The folders of web/models that hold a checkpoint; others tell how those were made. */
function shippedModels() {
  const models = path.join(root, 'web/models');
  return fs.readdirSync(models).filter((name) => fs.existsSync(path.join(models, name, 'config.json')));
}
