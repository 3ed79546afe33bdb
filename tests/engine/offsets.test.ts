// Where tokens stand in the text: for the shipped vocabularies and for any text that a keyboard can make.
import { readFileSync } from 'node:fs';
import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeUtf8, originsOfNormalised } from '../../web/engine/offsets.ts';
import { TextTokenizer } from '../../web/engine/tokenizer.ts';
import type { Token } from '../../web/engine/types.ts';
import { modelFolder, type ShippedModel } from '../reference/shipped.ts';

const json = (name: ShippedModel): string => readFileSync(`${modelFolder(name)}/tokenizer.json`, 'utf8');

let gpt: TextTokenizer;
let bert: TextTokenizer;
const libraries = {} as Record<ShippedModel, Tokenizer>;
beforeAll(async () => {
  gpt = await TextTokenizer.create(json('tiny-gpt'), 'tokenizer.json');
  bert = await TextTokenizer.create(json('tiny-bert'), 'tokenizer.json');
  for (const name of ['tiny-gpt', 'tiny-bert'] as const)
    libraries[name] = new Tokenizer(JSON.parse(json(name)), {});
});

const slices = (tokenizer: TextTokenizer, text: string): string[] =>
  tokenizer.encode(text).map(({ start, end }) => text.slice(start, end));

/** Everyday text mixed with what breaks offset arithmetic. */
const kNasty = [
  'e\u0301', 'é', 'Ǻ', 'ﬁ', 'İ', 'ẞ', 'ΑΣ', 'σς', '한', '가\u11a8', '漢', '字', '𠀀', '👩‍👩‍👧‍👦', '🇩🇪', '👍🏽', '✌️', '\u200d', '\ufe0f',
  '\u0000', '\u0007', '\u00ad', '\ufeff', '\ufffd', '\u202e', 'שלום', 'مَرحبا', 'नि', '\r\n', '\t', '\u00a0', '\u2003', '\u2028',
  '[MASK]', '[CLS]', '<|endoftext|>', "don't", '...', '\ud800', '\udc00', 'the', ' of ', ' ', 'walked', '\u0345', '\u0302', '\u302e', '\u1d165',
]; // biome-ignore format: a table
const kText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...kNasty),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
      fc.string({ unit: 'binary', maxLength: 3 }),
    ),
    { maxLength: 14 },
  )
  .map((parts) => parts.join(''));

const ordered = (tokens: readonly Token[], text: string): boolean =>
  tokens.every(
    ({ start, end }, i) =>
      start >= (tokens[i - 1]?.start ?? 0) &&
      end >= (tokens[i - 1]?.end ?? 0) &&
      start <= end &&
      end <= text.length,
  );

describe('UTF-8 with places', () => {
  test('decodes any bytes as the platform does', () => {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 24 }),
          fc
            .array(
              fc.constantFrom(0x41, 0x80, 0xbf, 0xc2, 0xe0, 0xa0, 0xed, 0x9f, 0xf0, 0x90, 0xf4, 0x8f, 0xff),
              { maxLength: 12 },
            )
            .map((bytes) => Uint8Array.from(bytes)),
        ),
        (bytes) => {
          expect(decodeUtf8(bytes).text).toBe(decoder.decode(bytes));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('gives every byte the whole character that it belongs to', () => {
    const { text, start, end } = decodeUtf8(new TextEncoder().encode('aé😀z'));
    expect(text).toBe('aé😀z');
    expect([...start]).toEqual([0, 1, 1, 2, 2, 2, 2, 4]);
    expect([...end]).toEqual([1, 2, 2, 4, 4, 4, 4, 5]);
  });
});

describe('byte-level BPE (tiny-gpt)', () => {
  test('tokens cover the text from the first unit to the last', () => {
    expect(slices(gpt, 'The old man, who was glad.')).toEqual([
      'The',
      ' old',
      ' man',
      ',',
      ' who',
      ' was',
      ' glad',
      '.',
    ]);
  });

  test('a character of several tokens is the range of each of them', () => {
    const tokens = gpt.encode('a😀b');
    expect(tokens.length).toBeGreaterThan(3);
    for (const { start, end } of tokens.slice(1, -1)) expect([start, end]).toEqual([1, 3]);
    expect(tokens.at(-1)).toMatchObject({ start: 3, end: 4, text: 'b' });
  });

  test('a special token written in the text is that token', () => {
    const tokens = gpt.encode('one<|endoftext|>two');
    const special = tokens.filter((token) => token.special);
    expect(special).toEqual([{ id: 0, text: '<|endoftext|>', start: 3, end: 16, special: true }]);
  });

  test('line ends, tabs and control characters keep their places', () => {
    const text = 'a\r\nb\t\u0007c';
    expect(slices(gpt, text).join('')).toBe(text);
  });

  test('any text: ids as the library gives them, ranges in order, nothing left uncovered', () => {
    fc.assert(
      fc.property(kText, (text) => {
        const tokens = gpt.encode(text);
        expect(tokens.map(({ id }) => id)).toEqual(Array.from(libraries['tiny-gpt'].encode(text).ids));
        expect(ordered(tokens, text)).toBe(true);
        let covered = 0;
        for (const { start, end } of tokens) {
          expect(start).toBeLessThanOrEqual(covered); // no gap
          expect(end).toBeGreaterThan(start);
          covered = Math.max(covered, end);
        }
        expect(covered).toBe(text.length);
      }),
      { numRuns: 1500 },
    );
  });

  test('any text without broken characters: the tokens decode to it, at the same places', () => {
    fc.assert(
      fc.property(kText, (text) => {
        fc.pre(!/\p{Cs}/u.test(text));
        const tokens = gpt.encode(text);
        const decoded = gpt.decode(
          tokens.map(({ id }) => id),
          0,
        );
        expect(decoded.text).toBe(text);
        expect(decoded.tokens).toEqual(tokens);
      }),
      { numRuns: 500 },
    );
  });
});

describe('WordPiece (tiny-bert)', () => {
  test('ranges leave out spaces', () => {
    expect(slices(bert, '  The  old man.\r\n')).toEqual(['The', 'old', 'man', '.']);
  });

  test('a word of several pieces is cut where the pieces meet', () => {
    const tokens = bert.encode('Unrunning');
    expect(tokens.length).toBeGreaterThan(1);
    expect(tokens.map(({ text }) => text).join('')).toBe('unrunning');
    expect(slices(bert, 'Unrunning').join('')).toBe('Unrunning');
  });

  test.each([
    ['an accent of its own lies within its letter', 'cafe\u0301 man', 'cafe\u0301', 'cafe'],
    ['an accent in one character', 'Éven man', 'Éven', 'even'],
    ['a capital that grows when it is lowered', 'İn man', 'İn', 'in'],
    ['a control character inside a word', 'm\u0000a\u0007n', 'm\u0000a\u0007n', 'man'],
    ['a soft hyphen and a joiner', 'ma\u00adn\u200d man', 'ma\u00adn\u200d', 'man'],
  ])('%s', (_name, text, slice, normalised) => {
    const tokens = bert.encode(text);
    const first = tokens.filter(({ start }) => start < slice.length);
    expect(text.slice(first[0]!.start, first.at(-1)!.end)).toBe(slice);
    expect(first.map((token) => token.text).join('')).toBe(normalised);
  });

  test('an unknown word is one token that covers it', () => {
    const tokens = bert.encode('the 👩‍👩‍👧‍👦 man');
    expect(tokens.map(({ text }) => text)).toEqual(['the', '[UNK]', 'man']);
    expect(tokens[1]).toMatchObject({ start: 4, end: 15, special: true });
  });

  test('Chinese characters are words of their own', () => {
    const tokens = bert.encode('漢字 man');
    expect(tokens.map(({ start, end }) => [start, end])).toEqual([
      [0, 1],
      [1, 2],
      [3, 6],
    ]);
  });

  test('the tokens of a syllable that decomposes share it', () => {
    for (const { start, end } of bert.encode('한')) expect([start, end]).toEqual([0, 1]);
  });

  test('right-to-left text is placed in the order in which it is stored', () => {
    const text = 'man שלום man';
    expect(bert.encode(text).at(-1)).toMatchObject({ start: 9, end: 12, text: 'man' });
  });

  test('[MASK] written in the text is the mask, in capitals only', () => {
    expect(bert.encode('the [MASK] man')[1]).toMatchObject({
      text: '[MASK]',
      start: 4,
      end: 10,
      special: true,
    });
    expect(bert.encode('the [mask] man').some(({ special, text }) => special && text === '[MASK]')).toBe(
      false,
    );
  });

  test('[CLS] and [SEP] stand around every text', () => {
    expect([...bert.before, ...bert.after].map((id) => bert.readable(id))).toEqual(['[CLS]', '[SEP]']);
    expect([gpt.before, gpt.after]).toEqual([[], []]);
  });

  test('any text: ids as the library gives them, ranges in order and never empty', () => {
    fc.assert(
      fc.property(kText, (text) => {
        const tokens = bert.encode(text);
        const expected = Array.from(libraries['tiny-bert'].encode(text).ids).slice(1, -1);
        expect(tokens.map(({ id }) => id)).toEqual(expected);
        expect(ordered(tokens, text)).toBe(true);
        for (const { start, end } of tokens) expect(end).toBeGreaterThan(start);
      }),
      { numRuns: 1500 },
    );
  });

  test('any text: a token reads as its range does when that is normalised', () => {
    const { normalizer } = libraries['tiny-bert'];
    const sigma = (text: string) => text.replaceAll('ς', 'σ'); // which of the two depends on what follows
    fc.assert(
      fc.property(kText, (text) => {
        for (const { start, end, text: name, special } of bert.encode(text)) {
          if (special) continue;
          expect(sigma(normalizer!.normalize(text.slice(start, end)))).toContain(sigma(name));
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('any text: every character that the normaliser keeps lies in the range of a token', () => {
    const { normalizer } = libraries['tiny-bert'];
    fc.assert(
      fc.property(kText, (text) => {
        const covered = new Uint8Array(text.length);
        for (const { start, end } of bert.encode(text)) covered.fill(1, start, end);
        let at = 0;
        for (const character of text) {
          const visible = normalizer!.normalize(character).trim().length > 0;
          if (visible) expect(covered[at], `${JSON.stringify(text)} at ${at}`).toBe(1);
          at += character.length;
        }
      }),
      { numRuns: 1500 },
    );
  });
});

describe('the map of a normalised text', () => {
  test('is refused where characters do not normalise one by one', () => {
    const composed = 'e\u0301'.normalize('NFC');
    const alone = (character: string) => ({ length: character.normalize('NFC').length, visible: true });
    expect(originsOfNormalised('e\u0301', composed.length, alone)).toBeUndefined();
  });
});

describe('a tokenizer file', () => {
  test.each([
    ['{', 'corrupt-file'],
    ['[]', 'corrupt-file'],
    ['{}', 'corrupt-file'],
    ['{"model": {"type": "Unigram"}}', 'corrupt-file'],
  ])('%s is refused', async (text, code) => {
    await expect(TextTokenizer.create(text, 'tokenizer.json')).rejects.toMatchObject({ code });
  });

  test('with a normaliser that cannot be followed is refused by name', async () => {
    const changed = { ...JSON.parse(json('tiny-bert')), normalizer: { type: 'NFC' } };
    await expect(TextTokenizer.create(JSON.stringify(changed), 'tokenizer.json')).rejects.toMatchObject({
      code: 'unsupported-model',
      message: expect.stringContaining('NFC'),
    });
  });
});
