// Formats everything: Biome for TypeScript, JavaScript, JSON and CSS, clang-format for C++, both in the versions that
// the lock file pins, so that formatting never differs between machines. With --check, only says what differs.

import fs from 'node:fs';
import path from 'node:path';
import { isMain, lastLines, main, run, Sentence } from './console.mjs';
import { ensureDependencies } from './setup.mjs';
import { listFiles } from './stamp.mjs';
import { root } from './toolchain.mjs';

function clangFormat() {
  const folder = `cfn-${process.platform}-${process.arch}`;
  const program = process.platform === 'win32' ? 'clang-format.exe' : 'clang-format';
  const file = path.join(root, 'node_modules/clang-format-node/bin', folder, program);
  if (!fs.existsSync(file))
    throw new Sentence(`There is no clang-format for ${process.platform} on ${process.arch}.`);
  return file;
}

export async function biome(check) {
  const args = [
    path.join(root, 'node_modules/@biomejs/biome/bin/biome'),
    'check',
    ...(check ? [] : ['--write']),
  ];
  const { code, output } = await run(process.execPath, args, { cwd: root, quiet: true });
  if (code !== 0) throw new Sentence(lastLines(output, 60));
}

/** Formats (or checks) every C++ file; gives how many there are. */
export async function formatCpp(check) {
  const files = listFiles(root, ['cpp', 'tests/cpp', 'tests/fuzz']).filter((file) => /\.[ch]pp$/.test(file));
  if (files.length === 0) return 0;
  const { code, output } = await run(
    clangFormat(),
    [...(check ? ['--dry-run', '--Werror'] : ['-i']), ...files],
    {
      cwd: root,
      quiet: true,
    },
  );
  if (code !== 0) {
    const wrong = [...new Set([...output.matchAll(/^(\S+?):\d+:\d+: error/gm)].map((match) => match[1]))];
    throw new Sentence(`Not formatted (npm run format does it): ${wrong.join(', ') || lastLines(output)}`);
  }
  return files.length;
}

if (isMain(import.meta.url)) {
  main(async (args) => {
    const check = args.includes('--check');
    await ensureDependencies();
    await formatCpp(check);
    await biome(check);
  });
}
