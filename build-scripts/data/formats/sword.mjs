// Reads a SWORD module of the kind "zText": verses in order, compressed by the book.
//
//   X.bzs   of each block: offset in X.bzz, packed and unpacked size (u32 each)
//   X.bzv   of each verse: block (u32), offset in the unpacked block (u32), size (u16)
//   X.bzz   the blocks, each a zlib stream

import zlib from 'node:zlib';

/** The entries in their order, as OSIS markup; headings and introductions are entries too. */
export function* readZText({ bzs, bzv, bzz }) {
  let block = -1;
  let text = Buffer.alloc(0);
  for (let at = 0; at + 10 <= bzv.length; at += 10) {
    const size = bzv.readUInt16LE(at + 8);
    if (size === 0) continue;
    if (bzv.readUInt32LE(at) !== block) {
      block = bzv.readUInt32LE(at);
      const start = bzs.readUInt32LE(block * 12);
      text = zlib.inflateSync(bzz.subarray(start, start + bzs.readUInt32LE(block * 12 + 4)));
    }
    const start = bzv.readUInt32LE(at + 4);
    yield text.toString('utf8', start, start + size);
  }
}

const kEntities = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"', '&apos;': "'" };

/** Whether a chapter or book begins in this entry, whether a paragraph does, and its words without notes and titles. */
export function readOsis(markup) {
  const plain = markup
    .replace(/<(note|reference)\b(?:[^>]*[^/])?>.*?<\/\1>/gs, '')
    .replace(/<title\b(?:[^>]*[^/])?>.*?<\/title>/gs, ' ')
    .replace(/<l\b[^>]*>|<lb\b[^>]*>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&\w+;/g, (entity) => kEntities[entity] ?? ' ');
  return {
    begins: /<chapter\b[^>]*sID|type="(book|bookGroup|front)"/.test(markup),
    paragraph: /<div\b[^>]*sID[^>]*type="(x-)?(p|paragraph)"|<lg\b[^>]*sID|<p\b/.test(markup),
    introduction: /x-usfm-(h|toc)/.test(markup),
    text: plain.replace(/\s+/g, ' ').trim(),
  };
}
