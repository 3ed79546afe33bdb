// English with its French, written by one grammar for both: everyday sentences, noun phrases, words, texts of two sentences.
//
//   for (const { en, fr, links, heldOut } of pairs(1)) ...
//
// A link is [start, end, start, end]: the UTF-16 units of an English word and of the French one that translates it. Content
// words are linked, one to one: nouns, names, verbs, adjectives, adverbs, numbers; a verb by the form that bears its meaning.
//
// One English form has one French form, so that a translation is right or wrong: "you" is one man who is called "vous", a person
// of unknown sex is a man, questions with a pronoun are inverted and others have "est-ce que", the past is the passé composé
// and that of states (be, have, know, want) the imparfait.
//
// Splits. A pair whose English has four words or more is held out when the hash of its English says so (one in two hundred);
// whole fixed phrases never are. Nothing is written whose English or French is `untouched`.

import { hashOf, Random } from './random.mjs';
import { Choices } from './translation/choices.mjs';
import { actions } from './translation/kinds/actions.mjs';
import { descriptionKinds } from './translation/kinds/descriptions.mjs';
import { joined } from './translation/kinds/joined.mjs';
import { orders } from './translation/kinds/orders.mjs';
import { phraseKinds } from './translation/kinds/phrases.mjs';
import { questions } from './translation/kinds/questions.mjs';
import { stories } from './translation/kinds/stories.mjs';
import { weatherKinds } from './translation/kinds/weather.mjs';
import { write } from './translation/writing.mjs';

const kHeldOutOneIn = 200;
const kFewestHeldOut = 4; // words
const kMostWords = 24;

/** What there is, with its share. */
const kGroups = [
  { weight: 33, kinds: actions },
  { weight: 17, kinds: descriptionKinds },
  { weight: 11, kinds: questions },
  { weight: 5, kinds: orders },
  { weight: 15, kinds: joined },
  { weight: 10, kinds: stories },
  { weight: 1.5, kinds: weatherKinds },
  { weight: 6, kinds: phraseKinds },
];

const kinds = kGroups.flatMap(({ weight, kinds: list }) => {
  const sum = list.reduce((total, one) => total + one.weight, 0);
  return list.map((one) => ({ make: one.make, weight: (weight * one.weight) / sum }));
});
const kWeights = kinds.map(({ weight }) => weight);

const wordsOf = (text) => text.split(' ').length;

/** A text as it is compared: without case, punctuation and double spaces. */
export const plainText = (text) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}' ]/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();

export function isHeldOut({ en, fixed = false }) {
  return !fixed && wordsOf(en) >= kFewestHeldOut && hashOf(plainText(en)) % kHeldOutOneIn === 0;
}

/** Pairs without end; `untouched`: { en, fr } pairs of which neither side is ever given. */
export function* pairs(seed, untouched = []) {
  const never = new Set(untouched.flatMap(({ en, fr }) => [plainText(en), plainText(fr)]));
  const random = new Random(`translation ${seed}`);
  const choices = new Choices(random);
  for (;;) {
    const made = kinds[random.weighted(kWeights)].make(choices);
    const { en, fr, links } = made.links ? made : write(made);
    if (wordsOf(en) > kMostWords || never.has(plainText(en)) || never.has(plainText(fr))) continue;
    yield { en, fr, links, heldOut: isHeldOut({ en, fixed: made.fixed }) };
  }
}
