import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Tokenizer } from '@huggingface/tokenizers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isHeldOut, sentencesOf } from '../../build-scripts/data/everyday.mjs';
import { readTokens, TokenWriter } from '../../build-scripts/data/formats/tokens.mjs';
import { checkMix, noise, prepare, Shares, withCopies } from '../../build-scripts/data/prepare.mjs';
import { Random } from '../../build-scripts/data/random.mjs';
import { kTexts } from '../../build-scripts/data/texts.mjs';

const kMixes = path.join(import.meta.dirname, '../../build-scripts/data/mixes');
const kTokens = 30_000;

let folder;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'limelight-prepare-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function put(name, list) {
  const file = path.join(folder, name);
  fs.writeFileSync(file, list.map((line) => `${line}\n`).join(''));
  return file;
}

describe('the token file', () => {
  it('is what its description says, byte for byte', () => {
    const file = path.join(folder, 'small.tokens');
    const writer = new TokenWriter(file, 600, 500);
    writer.add([1, 2, 515]);
    writer.add([7, 8]);
    writer.close();
    const bytes = fs.readFileSync(file);
    expect(bytes.toString('latin1', 0, 8)).toBe('LLTOKENS');
    expect(bytes.subarray(8, 32).toString('hex')).toBe(
      '0200000058020000' + '0500000000000000' + '0200000000000000',
    );
    expect(bytes.subarray(32, 40).toString('hex')).toBe('f401000000000000');
    expect(bytes.subarray(40, 56).toString('hex')).toBe('0100020003020700' + '0800000000000000');
    expect(bytes.subarray(56).toString('hex')).toBe(
      '0000000000000000' + '0300000000000000' + '0500000000000000',
    );
    expect(readTokens(bytes)).toEqual({
      vocabulary: 600,
      inside: 500,
      ids: Uint16Array.of(1, 2, 515, 7, 8),
      starts: [0, 3, 5],
    });
  });

  it('survives more ids than its buffer holds', () => {
    const file = path.join(folder, 'large.tokens');
    const writer = new TokenWriter(file, 65536);
    for (let i = 0; i < 20; ++i) writer.add(Array.from({ length: 7001 }, (_, j) => (i * 7001 + j) % 65536));
    writer.close();
    const { ids, starts } = readTokens(fs.readFileSync(file));
    expect(ids.findIndex((id, i) => id !== i % 65536)).toBe(-1);
    expect(starts).toEqual(Array.from({ length: 21 }, (_, i) => i * 7001));
  });

  it('takes no id outside of its vocabulary, and bytes of another kind are refused', () => {
    const writer = new TokenWriter(path.join(folder, 'wrong.tokens'), 10);
    expect(() => writer.add([10])).toThrow('No id of the vocabulary: 10.');
    expect(() => writer.add([undefined])).toThrow('No id of the vocabulary: undefined.');
    expect(() => readTokens(Buffer.from('SOMETHING ELSE THAT IS LONG ENOUGH'))).toThrow(
      'its magic is missing',
    );
    const bytes = fs.readFileSync(path.join(folder, 'small.tokens'));
    expect(() => readTokens(bytes.subarray(0, bytes.length - 8))).toThrow('not a token file');
  });
});

describe('copies and noise', () => {
  it('say stretches of the document again', () => {
    const ids = Array.from({ length: 100 }, (_, i) => 1000 + i);
    for (let seed = 0; seed < 50; ++seed) {
      const made = withCopies(ids, { stretch: [6, 48], times: [1, 1], length: 60 }, new Random(seed));
      expect(made.slice(0, 60)).toEqual(ids.slice(0, 60));
      const copy = made.slice(60);
      expect(copy.length).toBeGreaterThanOrEqual(6);
      expect(copy).toEqual(Array.from(copy, (_, i) => copy[0] + i));
      expect(copy.at(-1)).toBeLessThan(1060);
    }
    expect(withCopies([5], { stretch: [6, 9], times: [2, 2], length: 60 }, new Random(1))).toEqual([5, 5, 5]);
  });

  it('come again after a period that varies', () => {
    const periods = new Set();
    for (let seed = 0; seed < 50; ++seed) {
      const made = noise(
        { period: [3, 60], length: [32, 192] },
        { first: 5, vocabulary: 4096 },
        new Random(seed),
      );
      const period = [...made.keys()]
        .slice(1)
        .find((p) => made.every((id, i) => i < p || id === made[i - p]));
      expect(period).toBeGreaterThanOrEqual(3);
      expect(period).toBeLessThan(made.length - 1);
      expect(Math.min(...made)).toBeGreaterThanOrEqual(5);
      periods.add(period);
    }
    expect(periods.size).toBeGreaterThan(20);
  });
});

describe('shares', () => {
  it('are kept at every moment', () => {
    const shares = new Shares({ a: 0.5, b: 0.3, c: 0.2 });
    const had = { a: 0, b: 0, c: 0 };
    const random = new Random(1);
    for (let total = 0; total < 20_000; ) {
      const name = shares.next();
      const amount = random.between(1, 40);
      shares.add(name, amount);
      had[name] += amount;
      total += amount;
      for (const [one, share] of [
        ['a', 0.5],
        ['b', 0.3],
        ['c', 0.2],
      ])
        expect(Math.abs(had[one] - share * total)).toBeLessThan(81);
    }
  });
});

describe('the descriptions of mixes', () => {
  it('in the repository are right', () => {
    for (const file of fs.readdirSync(kMixes))
      checkMix(JSON.parse(fs.readFileSync(path.join(kMixes, file), 'utf8')), Object.keys(kTexts));
    expect(fs.readdirSync(kMixes)).toEqual(['bert.json', 'gpt.json', 'translation.json']);
  });

  it('that are wrong are refused with what is wrong', () => {
    const right = { sources: { everyday: 1 }, tokenizer: { kind: 'bpe' } };
    expect(checkMix(right, [])).toBe(right);
    expect(() => checkMix({ ...right, sources: { dante: 1 } }, ['austen'])).toThrow(
      'a source "dante" that does not exist',
    );
    expect(() => checkMix({ ...right, sources: { everyday: 0.5 } }, [])).toThrow('sum up to 0.5');
    expect(() => checkMix({ ...right, tokenizer: { kind: 'unigram' } }, [])).toThrow('a tokenizer "unigram"');
    expect(() => checkMix({ ...right, sources: { everyday: 0.5, noise: 0.5 } }, [])).toThrow(
      'how "noise" are made',
    );
  });
});

describe.each(['bpe', 'wordpiece'])('a mix with %s', (kind) => {
  const mix = {
    seed: 5,
    tokenizer: { kind, size: 1500, whole: 600, characters: 150_000 },
    tokens: kTokens,
    heldOutTokens: 2000,
    sources: { everyday: 0.6, fable: 0.2, copies: 0.15, noise: 0.05 },
    copies: { stretch: [6, 20], times: [1, 2], length: 64 },
    noise: { period: [3, 20], length: [16, 64] },
  };
  let made;
  let out;
  let library;
  const read = (name) => readTokens(fs.readFileSync(path.join(out, name)));
  const textsOf = ({ ids, starts }) =>
    starts
      .slice(1)
      .map((end, i) => library.decode([...ids.subarray(starts[i], end)], { skip_special_tokens: true }));

  beforeAll(async () => {
    out = path.join(folder, kind);
    const files = {
      fable: {
        training: put(
          'fable.txt',
          Array.from({ length: 30 }, (_, i) => `The fox number ${i} saw a bunch of ripe grapes.`),
        ),
        heldOut: put('fable.held-out.txt', ['The crow dropped the cheese.', 'Then the fox ate it.']),
      },
    };
    made = await prepare(mix, files, out);
    library = new Tokenizer(JSON.parse(fs.readFileSync(path.join(out, 'tokenizer.json'), 'utf8')), {});
  });

  it('has the tokens and shares that it should, and documents framed as the model reads them', () => {
    const { ids, starts, vocabulary, inside } = read('training.tokens');
    expect(vocabulary).toBe(1500);
    for (let id = 5; id < 1500; ++id)
      expect(library.id_to_token(id).startsWith('##') && id !== library.token_to_id('##')).toBe(id >= inside);
    expect(ids.length).toBeGreaterThanOrEqual(kTokens);
    expect(ids.length).toBeLessThan(kTokens + 600);
    expect(made.documents).toBe(starts.length - 1);
    for (const [name, share] of Object.entries(mix.sources))
      expect(Math.abs(made.counts[name].training / ids.length - share)).toBeLessThan(0.02);
    const last = library.token_to_id(kind === 'bpe' ? '<|endoftext|>' : '[SEP]');
    for (const start of starts.slice(1)) expect(ids[start - 1]).toBe(last);
    if (kind === 'wordpiece')
      for (const start of starts.slice(0, -1)) expect(ids[start]).toBe(library.token_to_id('[CLS]'));
  });

  it('trains on no held-out sentence', () => {
    if (kind === 'wordpiece') return; // capitals are gone: a sentence cannot be recognised
    const sentences = textsOf(read('training.tokens')).flatMap(sentencesOf);
    expect(sentences.length).toBeGreaterThan(1000);
    // Copies and noise cut sentences: what they give is none of a person's.
    const whole = sentences.filter((sentence) => /^[A-Z].*[.!?]$/.test(sentence));
    const scenes = fs.readFileSync(path.join(out, 'held-out/everyday.jsonl'), 'utf8').trimEnd().split('\n');
    const heldOut = new Set(scenes.flatMap((line) => sentencesOf(JSON.parse(line).text)).filter(isHeldOut));
    expect(heldOut.size).toBeGreaterThan(10);
    expect(whole.filter((sentence) => heldOut.has(sentence))).toEqual([]);
  });

  it('has a held-out file for each source, of a text only what there is', () => {
    const lower = (text) => (kind === 'bpe' ? text : text.toLowerCase());
    expect(textsOf(read('held-out/fable.tokens'))).toEqual(
      ['The crow dropped the cheese.', 'Then the fox ate it.'].map(lower),
    );
    for (const name of ['everyday', 'copies', 'noise']) {
      const { ids } = read(`held-out/${name}.tokens`);
      expect(ids.length).toBeGreaterThanOrEqual(2000);
    }
  });

  it('is the same when it is made again', async () => {
    const before = fs.readFileSync(path.join(out, 'training.tokens'));
    const files = {
      fable: { training: path.join(folder, 'fable.txt'), heldOut: path.join(folder, 'fable.held-out.txt') },
    };
    await prepare(mix, files, path.join(folder, `${kind}-again`));
    expect(fs.readFileSync(path.join(folder, `${kind}-again`, 'training.tokens')).equals(before)).toBe(true);
  });
});
