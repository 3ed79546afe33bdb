// The token file: what a trainer reads. Everything is little-endian.
//
//   offset  size
//        0     8  magic, "LLTOKENS"
//        8     4  version, 2
//       12     4  vocabulary: every id is below it
//       16     8  count of ids
//       24     8  count of documents
//       32     4  the first id of those that go on inside a word (WordPiece's ##), which are the last; else the vocabulary
//       36     4  zero
//       40   2 n  the ids of all documents after each other, unsigned 16-bit
//             pad  zeros up to a multiple of 8
//          8 (d+1) where each document starts, as a place among the ids, unsigned 64-bit; at the end once more the count of ids
//
// A document has the tokens around it that its model puts there: [CLS] and [SEP], or <|endoftext|> at its end.

import fs from 'node:fs';

const kMagic = 'LLTOKENS';
const kVersion = 2;
const kHeader = 40;
const kBuffered = 1 << 16; // ids

/** Writes documents one by one; `close` makes the file valid. Holds a buffer and the starts in memory. */
export class TokenWriter {
  #file;
  #path;
  #vocabulary;
  #inside;
  #buffer = Buffer.alloc(2 * kBuffered);
  #used = 0;
  #starts = [0];

  constructor(path, vocabulary, inside = vocabulary) {
    if (!(vocabulary > 0 && vocabulary <= 1 << 16))
      throw new RangeError(`A vocabulary of ${vocabulary} ids.`);
    this.#path = path;
    this.#vocabulary = vocabulary;
    this.#inside = inside;
    this.#file = fs.openSync(`${path}.new`, 'w');
    fs.writeSync(this.#file, Buffer.alloc(kHeader));
  }

  /** How many ids were written. */
  get count() {
    return this.#starts.at(-1);
  }

  get documents() {
    return this.#starts.length - 1;
  }

  add(ids) {
    for (const id of ids) {
      if (!(id >= 0 && id < this.#vocabulary)) throw new RangeError(`No id of the vocabulary: ${id}.`);
      if (this.#used === this.#buffer.length) this.#flush();
      this.#used = this.#buffer.writeUInt16LE(id, this.#used);
    }
    this.#starts.push(this.count + ids.length);
  }

  #flush() {
    fs.writeSync(this.#file, this.#buffer, 0, this.#used);
    this.#used = 0;
  }

  close() {
    this.#flush();
    fs.writeSync(this.#file, Buffer.alloc((8 - ((2 * this.count) % 8)) % 8));
    fs.writeSync(this.#file, Buffer.from(BigUint64Array.from(this.#starts, BigInt).buffer));
    const header = Buffer.alloc(kHeader);
    header.write(kMagic, 'latin1');
    header.writeUInt32LE(kVersion, 8);
    header.writeUInt32LE(this.#vocabulary, 12);
    header.writeBigUInt64LE(BigInt(this.count), 16);
    header.writeBigUInt64LE(BigInt(this.documents), 24);
    header.writeUInt32LE(this.#inside, 32);
    fs.writeSync(this.#file, header, 0, kHeader, 0);
    fs.closeSync(this.#file);
    fs.renameSync(`${this.#path}.new`, this.#path);
  }
}

/** A whole token file: { vocabulary, inside, ids, starts }. Throws when the bytes are no such file. */
export function readTokens(bytes) {
  const wrong = (what) => new Error(`This is not a token file: ${what}.`);
  if (bytes.length < kHeader || bytes.toString('latin1', 0, 8) !== kMagic)
    throw wrong('its magic is missing');
  if (bytes.readUInt32LE(8) !== kVersion) throw wrong(`version ${bytes.readUInt32LE(8)}`);
  const [count, documents] = [Number(bytes.readBigUInt64LE(16)), Number(bytes.readBigUInt64LE(24))];
  const table = kHeader + 8 * Math.ceil((2 * count) / 8);
  if (bytes.length !== table + 8 * (documents + 1)) throw wrong(`${bytes.length} bytes`);
  return {
    vocabulary: bytes.readUInt32LE(12),
    inside: bytes.readUInt32LE(32),
    ids: Uint16Array.from({ length: count }, (_, i) => bytes.readUInt16LE(kHeader + 2 * i)),
    starts: Array.from({ length: documents + 1 }, (_, i) => Number(bytes.readBigUInt64LE(table + 8 * i))),
  };
}
