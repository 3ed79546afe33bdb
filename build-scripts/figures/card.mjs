// A card as a person reads it: models/MODEL.md with what was measured in its {{places}}.
//
//   {{size}}      the size of its files            {{sentences}}  how many test sentences are answered as expected
//   {{figures}}   the table of held-out figures     {{heads}}      the table of heads, and how to read it
//   {{data}}      the table of its texts, with their licences      {{notice}}   WordNet's, where its text was used
//   {{command}}   what measures all of it again     {{against}}    the difference to weights that were not rounded

import fs from 'node:fs';
import path from 'node:path';
import { Sentence } from '../console.mjs';
import { kTexts } from '../data/texts.mjs';
import { root } from '../toolchain.mjs';
import { kTolerance } from './check.mjs';

const percent = (share) => `${(100 * share).toFixed(1)} %`;
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const kColumns = [
  ['loss', 'Loss, nats', (value) => value.toFixed(2)],
  ['bits_per_byte', 'Bits a byte', (value) => value.toFixed(2)],
  ['first', 'First guess right', percent],
  ['among_five', 'One of five right', percent],
  ['words_first', 'Hidden words found', percent],
  ['words_among_five', 'among five', percent],
  [
    'unigram',
    'Commonest words find',
    ({ words_first, words_among_five }) => `${percent(words_first)}, ${percent(words_among_five)}`,
  ],
  [
    'five_gram',
    '5-grams find',
    ({ words_first, words_among_five }) => `${percent(words_first)}, ${percent(words_among_five)}`,
  ],
  ['exact', 'Whole sentence right', percent],
];

const kSources = {
  ...Object.fromEntries(Object.entries(kTexts).map(([name, { title }]) => [name, title])),
  everyday: 'everyday English',
  copies: 'everyday English, stretches of it repeated',
  repeated: 'random tokens, the second time',
  translation: 'English into French',
};

function figures({ held_out }) {
  const columns = kColumns.filter(([name]) => Object.values(held_out).some((one) => one[name] !== undefined));
  const rows = Object.entries(held_out).map(([source, one]) => [
    kSources[source],
    (one.words ?? one.predictions).toLocaleString('en'),
    ...columns.map(([name, , show]) => (one[name] === undefined ? '' : show(one[name]))),
  ]);
  const asked = Object.values(held_out).some((one) => one.words) ? 'Words' : 'Tokens';
  return table(['Held-out text', asked, ...columns.map(([, title]) => title)], rows);
}

/** What a head may be for: where it looks, in which texts that is judged. */
export const kRoles = {
  previous: 'the token before',
  next: 'the token after',
  itself: 'the token itself',
  duplicate: 'the same token before',
  induction: 'what followed the same token before',
  first: 'the first token',
  separator: 'the separators: at rest',
  punctuation: 'punctuation',
  pronoun: 'whom a pronoun means',
  agreement: 'the subject of a verb',
  alignment: 'the word that is translated next',
};
const kJudgedOn = { duplicate: 'repeated', induction: 'repeated' };

/**
 * The roles of a head by how much of the weight that looking at all alike leaves elsewhere it moves there:
 * (mean - uniform) / (1 - uniform); the strongest first.
 */
export function rolesOf(passports, index) {
  const roles = [];
  for (const name of Object.keys(kRoles)) {
    const texts = passports[kJudgedOn[name]] ?? Object.values(passports)[0];
    const head = texts.heads[index];
    const even = texts.uniform[head.attention][name];
    if (!even || head[name] === undefined) continue;
    roles.push({
      name,
      mean: head[name],
      uniform: even.mean,
      gain: (head[name] - even.mean) / (1 - even.mean),
    });
  }
  return roles.sort((a, b) => b.gain - a.gain);
}

const signed = (value) => `${value < 0 ? '' : '+'}${value.toFixed(3)}`;
const kAttentions = { self: '', encoder: 'encoder, ', cross: 'cross, ' };
const nameOf = ({ attention, layer, head }) => `${kAttentions[attention]}layer ${layer}, head ${head}`;

function heads({ passports }) {
  const [[first, texts]] = Object.entries(passports);
  const titles = Object.entries(passports).map(([name]) => kSources[name]);
  const rows = texts.heads.map((head, index) => {
    const [best] = rolesOf(passports, index);
    const role =
      best && best.gain >= 0.1
        ? `${kRoles[best.name]}: ${best.mean.toFixed(2)} (${best.uniform.toFixed(2)})`
        : 'broad';
    const losses = Object.values(passports).map(({ heads: all }) =>
      all[index].loss_increase === null ? '' : signed(all[index].loss_increase),
    );
    return [nameOf(head), role, head.evenness?.toFixed(2) ?? '', ...losses];
  });
  const best = Object.keys(kRoles).flatMap((name) => {
    const found = texts.heads
      .map((head, index) => ({ head, role: rolesOf(passports, index).find((role) => role.name === name) }))
      .filter(({ role }) => role)
      .sort((a, b) => b.role.gain - a.role.gain)[0];
    if (!found) return [];
    const { head, role } = found;
    const strongest = head[`${name}_strongest`];
    const chance = texts.uniform[head.attention][`${name}_strongest`];
    const judged =
      strongest === undefined
        ? ''
        : `strongest of the candidates: ${percent(strongest)} (chance ${percent(chance.mean)})`;
    return [[kRoles[name], nameOf(head), role.mean.toFixed(3), role.uniform.toFixed(3), judged]];
  });
  return [
    `Layers and heads are counted from 0, as in the API. Mean weights over held-out texts (${texts.texts} of ${kSources[first]}), beside what
a head gets that looks at everything alike; only positions count at which a head has a choice.
cpp/passport/scores.hpp has the definitions, card.json all numbers of all heads.`,
    table(['Looks at', 'Best head', 'Weight', 'All alike', ''], best),
    `Every head, with what it looks at most (the rest being broad), how evenly it looks (entropy over the most that it can be),
and how much the loss rises without it, in nats a token:`,
    table(['Head', 'Looks at', 'Evenness', ...titles.map((title) => `Without it: ${title}`)], rows),
  ].join('\n\n');
}

function data({ origin }) {
  const mix = JSON.parse(
    fs.readFileSync(path.join(root, `build-scripts/data/mixes/${origin.mix}.json`), 'utf8'),
  );
  const own = ["this project's `build-scripts/data`", 'MIT'];
  const made = {
    everyday: ['everyday English, written by a grammar', ...own],
    copies: ['texts of these, with stretches of them repeated', ...own],
    noise: ['random tokens that repeat', ...own],
    translation: ['everyday English with its French, written by one grammar', ...own],
  };
  const rows = Object.entries(mix.sources).map(([name, share]) => {
    const { title, origin: from, licence } = kTexts[name] ?? {};
    return [`${(100 * share).toFixed(0)} %`, ...(made[name] ?? [title, from, licence])];
  });
  return table(['Share', 'Text', 'Where from', 'Licence'], rows);
}

function against({ against: other }) {
  if (!other) return '';
  const rows = Object.entries(other.held_out).map(([source, { loss, increase }]) => [
    kSources[source],
    loss.toFixed(4),
    `${increase < 0 ? '' : '+'}${increase.toFixed(4)}`,
  ]);
  return table(['Held-out text', `Loss with ${other.weights} weights, nats`, 'more with these'], rows);
}

const kPlaces = {
  size: ({ files }) =>
    `${(files['model.safetensors'].bytes / 1e6).toFixed(files['model.safetensors'].bytes < 1e6 ? 2 : 1)} MB`,
  figures,
  heads,
  data,
  against,
  sentences: ({ test_sentences: { sentences, first, among_five } }) =>
    `${first} of ${sentences}${among_five === undefined ? '' : `, ${among_five} among five guesses`}`,
  command: ({ command }) =>
    `\`${command}\` measures all of this again from these weights and writes it here and into [card.json](card.json); with \`--check\`
it compares instead (within ${kTolerance}).`,
  notice: ({ origin }) => {
    const { sources } = JSON.parse(
      fs.readFileSync(path.join(root, `build-scripts/data/mixes/${origin.mix}.json`), 'utf8'),
    );
    return sources.examples
      ? fs.readFileSync(path.join(import.meta.dirname, 'wordnet.md'), 'utf8').trim()
      : '';
  },
};

export function renderCard(card, template) {
  const text = template.replace(/\{\{(\w+)\}\}/g, (_, place) => {
    if (!kPlaces[place])
      throw new Sentence(`A card has no {{${place}}}: ${Object.keys(kPlaces).join(', ')}.`);
    return kPlaces[place](card);
  });
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`;
}
