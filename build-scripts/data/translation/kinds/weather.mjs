// Weather, hours, days and seasons: "It is cold today."

import { conjugate } from '../conjugation.mjs';
import { sentence } from '../deeds.mjs';
import { englishNumber, frenchNumber } from '../forms.mjs';
import { nouns } from '../lexicon.mjs';

const kMakes = [
  ['cold', 'froid'],
  ['hot', 'chaud'],
  ['warm', 'bon'],
  ['sunny', 'soleil', true],
  ['windy', 'vent', true],
  ['foggy', 'brouillard', true],
  ['dark', 'nuit'],
  ['cool', 'frais'],
  ['gray', 'gris'],
];
const kFalls = [
  ['rain', 'pleuvoir'],
  ['snow', 'neiger'],
];
const kForms = { rain: ['rains', 'raining', 'rained'], snow: ['snows', 'snowing', 'snowed'] };

/** "it is cold", "it rains": { en, fr } without an end. */
export function weatherClause(
  c,
  tense,
  { progressive = c.chance(0.5), very = c.chance(0.2), negated = false, only } = {},
) {
  const link = {};
  const not = negated ? ['not'] : [];
  const ne = negated ? ['ne'] : [];
  const pas = negated ? ['pas'] : [];
  const falls = kFalls.filter(([en]) => !only || only.includes(en));
  if (falls.length > 0 && c.chance(0.4)) {
    const [en, fr] = c.pick(falls);
    const verb = conjugate(fr);
    const [third, ing, ed] = kForms[en];
    if (tense === 'present')
      return progressive || negated
        ? {
            en: ['it', 'is', ...not, { text: ing, link }],
            fr: ['il', ...ne, { text: verb.present[2], link }, ...pas],
          }
        : { en: ['it', { text: third, link }], fr: ['il', { text: verb.present[2], link }] };
    if (tense === 'past')
      return progressive || negated
        ? {
            en: ['it', 'was', ...not, { text: ing, link }],
            fr: ['il', ...ne, { text: verb.imperfect[2], link }, ...pas],
          }
        : { en: ['it', { text: ed, link }], fr: ['il', 'a', { text: verb.participle, link }] };
    return {
      en: ['it', 'will', ...not, { text: en, link }],
      fr: ['il', ...ne, { text: verb.future[2], link }, ...pas],
    };
  }
  const [en, fr, thing] = c.pick(kMakes.filter(([name]) => !only || only.includes(name)));
  const does = conjugate('faire')[{ present: 'present', past: 'imperfect', future: 'future' }[tense]][2];
  const degree = very && !thing && !['dark', 'gray', 'warm'].includes(en);
  const is = { present: ['is'], past: ['was'], future: ['will', ...not, 'be'] }[tense];
  const partitive = thing ? (negated ? ['de'] : ['de', 'LE']) : [];
  return {
    en: ['it', ...is, ...(tense === 'future' ? [] : not), ...(degree ? ['very'] : []), { text: en, link }],
    fr: ['il', ...ne, does, ...pas, ...(degree ? ['très'] : []), ...partitive, { text: fr, link }],
  };
}

function weather(c) {
  const tense = c.one({ present: 5, past: 3, future: 3 });
  const words = weatherClause(c, tense, { negated: c.chance(0.15) });
  const kind = { present: 'now', past: 'past', future: 'future' }[tense];
  if (c.chance(0.25) && tense !== 'future') {
    const place = c.abroad();
    return sentence({ en: [...words.en, ...place.en], fr: [...words.fr, ...place.fr] });
  }
  if (c.chance(0.7)) {
    const time = c.time(kind);
    const text = time.en.map((word) => word.text ?? word).join(' ');
    if (/ago|month|year|week|now|moment|one day|night/.test(text)) return weather(c);
    if (c.chance(0.25))
      return sentence({ en: [...time.en, ...words.en], fr: [...time.fr, ',', ...words.fr] });
    return sentence({ en: [...words.en, ...time.en], fr: [...words.fr, ...time.fr] });
  }
  return sentence(words);
}

function hour(c) {
  const n = c.random.between(1, 12);
  const link = {};
  const quarter = c.pick(['', '', 'half', 'past', 'to', 'minutes']);
  const hours =
    n === 12
      ? c.chance(0.5)
        ? ['noon', 'midi']
        : ['midnight', 'minuit']
      : [englishNumber(n), `${frenchNumber(n, true)} heure${n > 1 ? 's' : ''}`];
  const word = { text: hours[0], link };
  const fr = { text: hours[1], link };
  const opens = c.chance(0.2) ? ["it's"] : ['it', 'is'];
  if (quarter === 'half')
    return sentence({
      en: [...opens, 'half past', word],
      fr: ['il', 'est', fr, n === 12 ? 'et demi' : 'et demie'],
    });
  if (quarter === 'past')
    return sentence({ en: [...opens, 'a quarter past', word], fr: ['il', 'est', fr, 'et quart'] });
  if (quarter === 'to')
    return sentence({ en: [...opens, 'a quarter to', word], fr: ['il', 'est', fr, 'moins le quart'] });
  if (quarter === 'minutes') {
    const minutes = c.pick([5, 10, 20, 25]);
    const m = {};
    const past = c.chance(0.5);
    return sentence({
      en: [...opens, { text: englishNumber(minutes), link: m }, past ? 'past' : 'to', word],
      fr: ['il', 'est', fr, ...(past ? [] : ['moins']), { text: frenchNumber(minutes), link: m }],
    });
  }
  return sentence({ en: n === 12 ? [...opens, word] : [...opens, word, "o'clock"], fr: ['il', 'est', fr] });
}

const day = (english, noun, link) => [
  { text: english, link },
  { text: noun, link },
];

function date(c) {
  const link = {};
  const weekday = c.pick(nouns.weekday);
  const month = c.pick(nouns.month);
  const kind = c.one({ weekday: 2, born: 3, date: 3, month: 1 });
  if (kind === 'weekday') {
    const [en, fr] = day(weekday.en, weekday.m.one, link);
    return sentence(
      c.pick([
        { en: ['today', 'is', en], fr: ["aujourd'hui", ',', 'ce', 'est', fr] },
        { en: ['tomorrow', 'is', en], fr: ['demain', ',', 'ce', 'est', fr] },
        { en: ['yesterday', 'was', en], fr: ['hier', ',', 'ce', 'était', fr] },
      ]),
    );
  }
  const n = c.random.between(1, 30);
  const number = {};
  const [en, fr] = day(month.en, month.m.one, link);
  if (kind === 'month') return sentence({ en: ['we', 'are', 'in', en], fr: ['nous', 'sommes', 'en', fr] });
  const frenchDay = { text: n === 1 ? '1er' : `${n}`, link: number };
  if (kind === 'date') return dated(c, [en, { text: `${n}`, link: number }], [frenchDay, fr]);
  const subject = c.pick([
    ['I', 'was', 'je', 'suis', 'né'],
    ['he', 'was', 'il', 'est', 'né'],
    ['she', 'was', 'elle', 'est', 'née'],
  ]);
  const born = {};
  const year = c.random.between(1940, 2020);
  const inYear = c.chance(0.4);
  const when = inYear
    ? { en: ['in', { text: `${year}`, link: number }], fr: ['en', { text: `${year}`, link: number }] }
    : c.chance(0.5)
      ? { en: ['in', en], fr: ['en', fr] }
      : { en: ['on', en, { text: `${n}`, link: number }], fr: ['LE', frenchDay, fr] };
  return sentence({
    en: [subject[0], subject[1], { text: 'born', link: born }, ...when.en],
    fr: [subject[2], subject[3], { text: subject[4], link: born }, ...when.fr],
  });
}

function dated(c, en, fr) {
  const opens = c.pick([
    { en: ['today', 'is'], fr: ["aujourd'hui", ',', 'nous', 'sommes', 'LE'] },
    { en: ['it', 'is'], fr: ['nous', 'sommes', 'LE'] },
  ]);
  return sentence({ en: [...opens.en, ...en], fr: [...opens.fr, ...fr] });
}

export const weatherKinds = [
  { weight: 6, make: weather },
  { weight: 2, make: hour },
  { weight: 3, make: date },
];
