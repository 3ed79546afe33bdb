// The sentences that models are judged by, written before any was trained: these tests keep them usable.

import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { scenes, sentencesOf } from '../../build-scripts/data/everyday.mjs';

const read = (name) => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, `${name}.json`), 'utf8'));
const [gpt, bert, translation] = ['gpt', 'bert', 'translation'].map(read);

it('there are twenty different ones for each kind of model', () => {
  for (const list of [
    gpt.map(({ prompt }) => prompt),
    bert.map(({ text }) => text),
    translation.map(({ en }) => en),
  ])
    expect(new Set(list).size).toBe(20);
});

it('a prompt waits for a word, and has answers of one word', () => {
  for (const { prompt, expected } of gpt) {
    expect(prompt).toMatch(/[\w,.]$/);
    for (const word of expected) expect(word).toMatch(/^[A-Za-z]+$/);
  }
});

it('a sentence with a blank has exactly one, and answers in lower case', () => {
  for (const { text, expected } of bert) {
    expect(text.match(/\[MASK\]/g)).toHaveLength(1);
    expect(text).toMatch(/[.?]$/);
    for (const word of expected) expect(word).toMatch(/^[a-z]+$/);
    expect(new Set(expected).size).toBe(expected.length);
  }
});

it('a translation is there in every language, each with the same end', () => {
  for (const pair of translation) {
    expect(Object.keys(pair)).toEqual(['en', 'fr', 'es']);
    const [end] = /[.?]$/.exec(pair.en);
    for (const text of Object.values(pair)) expect(text.endsWith(end)).toBe(true);
  }
});

it('a blank filled is no sentence of the training scenes', () => {
  const filled = new Set(
    bert.flatMap(({ text, expected }) => expected.map((word) => text.replace('[MASK]', word))),
  );
  let count = 0;
  for (const { text } of scenes(1)) {
    for (const sentence of sentencesOf(text)) expect(filled.has(sentence), sentence).toBe(false);
    if (++count === 10_000) break;
  }
});
