// Writes reference pages of the C++ headers into build/docs, by Doxygen: the one on PATH or, on Debian and Ubuntu, one
// that is unpacked into .toolchain/docs without root.
//
// Doxygen is given a copy of the headers in its own words (forDoxygen), so that they can be written for readers.

import fs from 'node:fs';
import path from 'node:path';
import { findOnPath, isMain, lastLines, main, run, Sentence, say } from './console.mjs';
import { checkNode } from './setup.mjs';
import { root } from './toolchain.mjs';

const kHeaders = path.join(root, 'cpp/include/limelight');
const kCopy = path.join(root, 'build/docs-input');
const kPages = path.join(root, 'build/docs');

/** Text of a comment: what Doxygen would take for an HTML tag stays text, but for code. */
function escaped(text) {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[<>]/g, '\\$&')))
    .join('');
}

/**
 * A header as Doxygen understands it: the comment at its head describes the file, and lines that are set in, such as
 * formulas, are set in as far as Markdown wants it to keep them as they are.
 */
export function forDoxygen(name, header) {
  const lines = header.split('\n');
  const headEnd = lines.findIndex((line) => !line.startsWith('//'));
  const written = lines.map((line, i) => {
    const [, before, mark, text] =
      /^(.*?)(\/\/\/<?)(.*)$/.exec(line) ?? (i < headEnd ? ['', '', '///', line.slice(2)] : []);
    if (mark === undefined) return line;
    return before + mark + (text.startsWith('   ') ? `    ${text}` : escaped(text));
  });
  return [`/// @file limelight/${name}`, ...written].join('\n');
}

const kSettings = {
  PROJECT_NAME: 'Limelight',
  PROJECT_BRIEF: '"attention in C++20"',
  INPUT: `"${kCopy}"`,
  USE_MDFILE_AS_MAINPAGE: `"${path.join(kCopy, 'ATTENTION.md')}"`,
  OUTPUT_DIRECTORY: `"${path.dirname(kPages)}"`,
  HTML_OUTPUT: path.basename(kPages),
  STRIP_FROM_PATH: `"${kCopy}"`,
  STRIP_FROM_INC_PATH: `"${kCopy}"`,
  RECURSIVE: 'YES',
  GENERATE_LATEX: 'NO',
  GENERATE_TREEVIEW: 'YES',
  EXTRACT_ALL: 'YES',
  JAVADOC_AUTOBRIEF: 'YES',
  BUILTIN_STL_SUPPORT: 'YES',
  SHOW_INCLUDE_FILES: 'NO',
  VERBATIM_HEADERS: 'NO',
  HAVE_DOT: 'NO',
  QUIET: 'YES',
  TIMESTAMP: 'NO',
};

async function ensureDoxygen() {
  const own = findOnPath('doxygen');
  if (own) return own;
  const debian = await import('./debian.mjs');
  if (!debian.isSupported()) throw new Sentence('Please install Doxygen, then run this again.');
  const folder = path.join(root, '.toolchain/docs');
  fs.mkdirSync(folder, { recursive: true });
  const what = 'Doxygen (once; about 70 MB to fetch, 290 MB on disk, under .toolchain/docs/)';
  return (await debian.ensurePackages(['doxygen'], fs.realpathSync(folder), what)).program('doxygen');
}

export async function writeDocs() {
  const doxygen = await ensureDoxygen();
  for (const folder of [kCopy, kPages]) fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(path.join(kCopy, 'limelight'), { recursive: true });
  for (const name of fs.readdirSync(kHeaders)) {
    const header = fs.readFileSync(path.join(kHeaders, name), 'utf8');
    fs.writeFileSync(path.join(kCopy, 'limelight', name), forDoxygen(name, header));
  }
  const article = fs.readFileSync(path.join(root, 'cpp/ATTENTION.md'), 'utf8');
  const fromPages = path.relative(kPages, path.join(root, 'cpp'));
  fs.writeFileSync(
    path.join(kCopy, 'ATTENTION.md'),
    article.replace(/\]\((?!https?:|#)/g, `](${fromPages}/`),
  );
  const settings = Object.entries(kSettings).map(([name, value]) => `${name} = ${value}\n`);
  const { code, output } = await run(doxygen, ['-'], { quiet: true, input: settings.join('') });
  if (code !== 0) throw new Sentence(`Doxygen failed:\n${lastLines(output, 20)}`);
  if (output.trim()) say(output.trim());
  say(`The reference pages are in ${path.relative(process.cwd(), kPages) || kPages}/index.html.`);
}

if (isMain(import.meta.url)) {
  main(async () => {
    checkNode();
    await writeDocs();
  });
}
