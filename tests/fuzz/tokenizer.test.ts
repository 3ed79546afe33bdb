// tokenizer.json may come from anywhere: whatever is changed in the shipped ones, the result is a tokenizer that works or
// a LimelightError. Natively readers are fuzzed with libFuzzer (fuzz.hpp); this one is TypeScript, so fast-check does it.
//
// `npm run fuzz -- tokenizer 60` goes on for that long, with other random numbers each time.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LimelightError } from '../../web/engine/errors.ts';
import { TextTokenizer } from '../../web/engine/tokenizer.ts';
import { kShippedModels, modelFolder, type ShippedModel } from '../reference/shipped.ts';

const kSeconds = Number(process.env.FUZZ_SECONDS ?? 0);
const kParameters =
  kSeconds > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: (1000 * kSeconds) / 2 }
    : { numRuns: 400, seed: 1 };
const kLongest = 1000 * kSeconds + 60_000;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const kTexts = [
  '',
  'The old man went down to the sea.',
  "It's\t[MASK]  <|endoftext|>[CLS] \r\n",
  'Å e\u0301 漢字 👩‍👩‍👧‍👦 \u0000 \ud800 unbelievably',
  'x'.repeat(300),
];

/** The shipped files with vocabularies that are read in no time; an entry more or less makes no difference. */
const kOriginals = Object.fromEntries(kShippedModels.map((name) => [name, small(name)])) as Record<
  ShippedModel,
  string
>;

function small(name: ShippedModel): string {
  const json = JSON.parse(readFileSync(`${modelFolder(name)}/tokenizer.json`, 'utf8')) as {
    model: { vocab: Record<string, number>; merges?: string[] };
  };
  const { model } = json;
  model.vocab = Object.fromEntries(Object.entries(model.vocab).filter(([, id]) => id < 400));
  if (model.merges) model.merges = model.merges.slice(0, 140);
  return JSON.stringify(json);
}

function expectTyped(error: unknown, codes: string[]): void {
  if (!(error instanceof LimelightError)) throw error;
  expect(codes).toContain(error.code);
  expect(error.message).not.toBe('');
}

/** Every token has an id, a text, and a place that does not run backwards. */
function expectTokens(tokenizer: TextTokenizer, text: string): void {
  let tokens: ReturnType<TextTokenizer['encode']>;
  try {
    tokens = tokenizer.encode(text);
  } catch (error) {
    expectTyped(error, ['unsupported-model']);
    return;
  }
  let [start, end] = [0, 0];
  for (const token of tokens) {
    expect(Number.isInteger(token.id) && token.id >= 0, `an id: ${token.id}`).toBe(true);
    expect(typeof token.text).toBe('string');
    expect(typeof token.special).toBe('boolean');
    expect(token.start).toBeGreaterThanOrEqual(start);
    expect(token.end).toBeGreaterThanOrEqual(Math.max(end, token.start));
    expect(token.end).toBeLessThanOrEqual(text.length);
    [start, end] = [token.start, token.end];
  }
  const ids = tokens.map(({ id }) => id);
  const written = tokenizer.decode(ids, 5);
  expect(written.tokens.map(({ id }) => id)).toEqual(ids);
  expect(written.tokens.every((token) => token.start >= 5 && token.end <= 5 + written.text.length)).toBe(
    true,
  );
}

async function expectTypedOrWorking(json: string): Promise<void> {
  let tokenizer: TextTokenizer;
  try {
    tokenizer = await TextTokenizer.create(json, 'tokenizer.json');
  } catch (error) {
    expectTyped(error, ['corrupt-file', 'unsupported-model']);
    return;
  }
  for (const id of [...tokenizer.before, ...tokenizer.after])
    expect(Number.isInteger(id) && id >= 0, `an id: ${id}`).toBe(true);
  expect(['number', 'undefined']).toContain(typeof tokenizer.idOf('[MASK]'));
  expect(typeof tokenizer.readable(7)).toBe('string');
  for (const text of kTexts) expectTokens(tokenizer, text);
}

/** A change of one value: at a place, counted through the tree so that small parts are chosen most. */
interface Change {
  at: number;
  how: 'put' | 'leave out' | 'wrap' | 'cut';
  value: Json;
}

function changed(old: Json, { how, value }: Change): Json | undefined {
  if (how === 'put') return value;
  if (how === 'leave out') return undefined;
  if (how === 'cut' && Array.isArray(old)) return old.slice(1);
  return how === 'wrap' ? [old] : { type: old };
}

function withChange(json: Json, change: Change, at = change.at): Json {
  const names = typeof json === 'object' && json !== null ? Object.keys(json) : [];
  if (names.length === 0 || at % 5 === 0) return changed(json, change) ?? null;
  const name = names[Math.floor(at / 5) % names.length]!;
  const old = (json as Record<string, Json>)[name]!;
  const further = Math.floor(at / 5 / names.length);
  const value = further === 0 ? changed(old, change) : withChange(old, change, further);
  if (Array.isArray(json)) return json.map((entry, i) => (String(i) === name ? (value ?? null) : entry));
  const { [name]: _, ...others } = json as Record<string, Json>;
  return value === undefined ? others : { ...others, [name]: value };
}

const kWords = [
  'BPE', 'WordPiece', 'Unigram', 'ByteLevel', 'Sequence', 'BertNormalizer', 'NFKD', 'StripAccents', 'Lowercase', 'Precompiled', 'Replace',
  'TemplateProcessing', 'BertProcessing', 'RobertaProcessing', 'Split', 'Metaspace', 'Digits', 'Whitespace', 'Punctuation', 'BertPreTokenizer', 'Fuse',
  '', '##', '[UNK]', '<|endoftext|>', 'Ġ', 'Ġ t', '(', '\\p{L}+', '__proto__', 'constructor', 'toString', 'A', '$A',
]; // biome-ignore format: a table
const kNames = ['type', 'Regex', 'String', 'pattern', 'normalizers', 'pretokenizers', 'decoders', 'processors', 'prefix', 'content', 'id', 'ids', 'behavior', 'vocab', 'merges', 'unk_token', 'single', 'pair', 'SpecialToken', 'Sequence', 'lowercase', 'strip_accents']; // biome-ignore format: a table
const kValue: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, false, 0, 1, -1, 5, 0.5, 1e300, 4_294_967_296),
    fc.constantFrom<Json>(...kWords),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...kNames, ...kWords), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const kChange: fc.Arbitrary<Change> = fc.record({
  at: fc.oneof(fc.nat(400), fc.nat(40_000), fc.nat()),
  how: fc.constantFrom('put', 'put', 'put', 'leave out', 'wrap', 'cut'),
  value: kValue,
});
const kEdit = fc.record({
  at: fc.nat(),
  cut: fc.nat(8),
  put: fc.oneof(fc.string({ unit: 'binary', maxLength: 2 }), fc.constantFrom(...'{}[]",:\\0e-')),
});
const kModel = fc.constantFrom(...kShippedModels);

it(
  'a tokenizer.json with values exchanged, left out or added works or is refused',
  async () => {
    const property = fc.asyncProperty(
      kModel,
      fc.array(kChange, { minLength: 1, maxLength: 4 }),
      async (name, changes) => {
        const original = JSON.parse(kOriginals[name]) as Json;
        await expectTypedOrWorking(
          JSON.stringify(changes.reduce((json, change) => withChange(json, change), original)),
        );
      },
    );
    await fc.assert(property, kParameters);
  },
  kLongest,
);

it(
  'a tokenizer.json with characters exchanged, cut out or doubled works or is refused',
  async () => {
    const property = fc.asyncProperty(
      kModel,
      fc.array(kEdit, { minLength: 1, maxLength: 3 }),
      async (name, edits) => {
        let text = kOriginals[name];
        for (const { at, cut, put } of edits) {
          const place = at % (text.length + 1);
          text = text.slice(0, place) + put + text.slice(place + cut);
        }
        await expectTypedOrWorking(text);
      },
    );
    await fc.assert(property, kParameters);
  },
  kLongest,
);

/** A shipped file with one thing changed. */
function edited(name: ShippedModel, change: (json: Record<string, Json>) => void): string {
  const json = JSON.parse(kOriginals[name]) as Record<string, Json>;
  change(json);
  return JSON.stringify(json);
}

it.each<[string, string, string, RegExp]>([
  ['ids that are none', edited('tiny-bert', (j) => Object.assign(j.model!, { vocab: { a: 1.5 } })), 'corrupt-file', /"a"/],
  ['ids beyond 31 bits', edited('tiny-bert', (j) => Object.assign(j.model!, { vocab: { a: 2 ** 31 } })), 'corrupt-file', /"a"/],
  ['a token that is special by a word', edited('tiny-gpt', (j) => Object.assign((j.added_tokens as Json[])[0]!, { special: 'BPE' })), 'corrupt-file', /endoftext/],
  ['added tokens that are no list', edited('tiny-gpt', (j) => { j.added_tokens = {}; }), 'corrupt-file', /tokenizer\.json/],
  ['a frame of unknown tokens', edited('tiny-bert', (j) => Object.assign(j.post_processor!, { single: [{ SpecialToken: { id: '[X]' } }, { Sequence: { id: 'A' } }] })), 'corrupt-file', /"\[X\]"/],
  ['a frame without the text', edited('tiny-bert', (j) => Object.assign(j.post_processor!, { single: [] })), 'unsupported-model', /leaves the text out/],
  ['no frame for one text', edited('tiny-bert', (j) => Object.assign(j.post_processor!, { single: null })), 'corrupt-file', /no tokenizer/],
])('was found, and is refused: %s', async (_, json, code, message) => {
  const error = await TextTokenizer.create(json, 'tokenizer.json').catch((reason: unknown) => reason);
  expectTyped(error, [code]);
  expect((error as LimelightError).message).toMatch(message);
}); // biome-ignore format: a table

it('was found, and has its places: tokens that do not add up to their word, at the end of a text', async () => {
  const json = edited('tiny-gpt', (j) => {
    const model = j.model as { vocab: Record<string, Json>; unk_token: Json };
    delete model.vocab.x;
    model.unk_token = '<|endoftext|>';
  });
  const tokenizer = await TextTokenizer.create(json, 'tokenizer.json');
  const tokens = tokenizer.encode('as axxb');
  expect(tokens.length).toBeGreaterThan(3);
  for (const { start, end } of tokens.slice(-4)) expect([start, end]).toEqual([2, 7]);
});
