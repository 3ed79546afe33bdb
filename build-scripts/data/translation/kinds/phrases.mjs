// Fixed phrases, single words and noun phrases: what is no sentence of the grammar.

import { adjectives, frequencies, manners, nouns, nounsOf, verbs } from '../lexicon.mjs';
import { nounPhrase, owned } from '../noun-phrase.mjs';
import { about, named, phrases } from '../words/phrases.mjs';
import { startsWithVowel, write } from '../writing.mjs';
import { isColour, superlative } from './descriptions.mjs';

const lines = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.split(' = ').map((side) => side.match(/\{\w+\}|[\wÀ-ÿœ'’-]+|[.?!,]/g)));

const kFixed = lines(phrases);
const kNamed = lines(named);
const kAbout = lines(about);

/** Where a side says {name} or the like, the words of that phrase. */
function filled([en, fr], phrase) {
  const fill = (side, words) => side.flatMap((word) => (word.startsWith('{') ? words : [word]));
  return { en: fill(en, phrase.en), fr: fill(fr, phrase.fr) };
}

/** A whole phrase is the same every time: never held out. */
const fixed = (c) => ({ ...write(filled(c.pick(kFixed), { en: [], fr: [] })), fixed: true });
const withName = (c) => {
  const line = c.pick(kNamed);
  const gender = line[0].includes('{man}') ? 'm' : line[0].includes('{woman}') ? 'f' : undefined;
  return filled(line, c.name(gender));
};

function withThing(c) {
  const line = c.pick(kAbout);
  const one = line[0].includes('{one}');
  const topics = one ? ['building'] : ['thing', 'text', 'clothes', 'drink', 'meal', 'fruit'];
  const noun = c.pick(nounsOf(c.pick(topics)));
  const plural = !one && !noun.mass && c.chance(0.25);
  const mine = /have|like/.test(line[0].join(' '));
  const det = one
    ? 'the'
    : mine
      ? noun.mass || plural || noun.plural
        ? 'some'
        : 'a'
      : c.pick(['the', 'your', 'the', 'this']);
  if (noun.mass && det === 'this') return withThing(c);
  return filled(line, nounPhrase(noun, { det: { kind: det }, plural, adjectives: c.attributes(noun, 0.3) }));
}

/** Words alone, as in a dictionary: each with its first translation. */
const kWords = (() => {
  const words = new Map();
  const add = (en, fr) => words.has(en) || words.set(en, fr);
  for (const noun of Object.values(nouns).flat()) {
    const { one, many } = noun.m ?? noun.f;
    add(noun.en, noun.plural ? many : one);
    if (!noun.mass && !noun.plural && noun.en !== noun.ens) add(noun.ens, many);
  }
  for (const { en, forms } of Object.values(adjectives).flat()) add(en, forms.m);
  for (const { en, fr } of [...frequencies, ...Object.values(manners).flat()]) add(en, fr);
  for (const { en, particle, slots, reflexive, fr, own } of verbs.person) {
    if (slots.length > 0 && particle.length + own.length > 0) continue;
    const before = reflexive ? (startsWithVowel(fr.infinitive) ? "s'" : 'se ') : '';
    add(['to', en, ...particle].join(' '), [before + fr.infinitive, ...(slots.length > 0 ? [] : own)]);
  }
  return [...words];
})();

function word(c) {
  const [en, fr] = c.pick(kWords);
  const link = {};
  const [first, ...rest] = [fr].flat();
  const [to, ...verb] = en.startsWith('to ') ? en.split(' ') : [];
  const english = to ? [to, { text: verb[0], link }, ...verb.slice(1)] : [{ text: en, link }];
  return { ...write({ en: english, fr: [{ text: first, link }, ...rest] }, false), fixed: true };
}

function phraseOf(c) {
  const noun = c.pick(
    nounsOf(
      c.pick([
        'man',
        'woman',
        'child',
        'folk',
        'job',
        'pet',
        'farm',
        'wild',
        'fruit',
        'vegetable',
        'meal',
        'clothes',
        'vehicle',
        'furniture',
        'machine',
        'thing',
        'text',
        'show',
        'room',
        'building',
        'place',
        'nature',
        'abstract',
        'event',
        'part',
      ]),
    ),
  );
  const kind = c.one({ plain: 8, owned: 2, most: 1 });
  const plural = !noun.mass && !noun.unique && c.chance(0.35);
  let made;
  if (kind === 'most' && !noun.mass && !noun.unique && !noun.plural) {
    const adjective = c.attribute(noun);
    if (
      !adjective ||
      isColour(adjective) ||
      /^(broken|open|closed|empty|full|round|square|excellent|magnificent|delicious|perfect)$/.test(
        adjective.en,
      )
    )
      return phraseOf(c);
    made = superlative(c, noun, adjective, plural);
  } else if (
    kind === 'owned' &&
    !noun.unique &&
    ['clothes', 'vehicle', 'thing', 'text', 'pet', 'machine'].includes(noun.topic)
  )
    made = owned(noun, c.ownerPhrase(), { plural, adjectives: c.attributes(noun, 0.4) });
  else {
    const det = noun.unique
      ? 'the'
      : noun.mass
        ? c.pick(['the', 'some', 'my'])
        : plural || noun.plural
          ? c.one({
              the: 4,
              this: 1,
              my: 1,
              number: noun.plural ? 0 : 4,
              several: 1,
              his: 1,
              many: 1,
              all: 1,
            })
          : c.one({ the: 5, a: 4, my: 1, his: 0.7, her: 0.7, this: 1, our: 0.7 });
    if (noun.topic === 'abstract' && det === 'number') return phraseOf(c);
    made = nounPhrase(noun, {
      det: { kind: det, number: c.random.between(2, 60), english: 'many' },
      plural,
      adjectives: c.attributes(noun, 0.75),
    });
  }
  return write(made, false);
}

export const phraseKinds = [
  { weight: 3, make: fixed },
  { weight: 4, make: withName },
  { weight: 3, make: withThing },
  { weight: 7, make: word },
  { weight: 14, make: phraseOf },
];
