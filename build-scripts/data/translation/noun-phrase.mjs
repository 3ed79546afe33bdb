// Noun phrases: determiner, adjectives and noun in both languages, which agree in French with the noun.
//
// A phrase is { en, fr, person, plural, englishPlural, feminine, pronoun, noun }: words of both languages, and what verbs and
// pronouns that go with it have to know. `plural` and `feminine` are those of French.

import { article } from '../everyday/morphology.mjs';
import { agree, englishNumber, frenchNumber } from './forms.mjs';
import { textOf } from './writing.mjs';

/** Determiners that change with gender and number: masculine, feminine, plural. */
const kDeterminers = {
  a: ['un', 'une', 'des'],
  the: ['LE', 'LA', 'LES'],
  this: ['CE', 'cette', 'ces'],
  that: ['CE', 'cette', 'ces'],
  my: ['mon', 'MA', 'mes'],
  your: ['votre', 'votre', 'vos'],
  his: ['son', 'SA', 'ses'],
  her: ['son', 'SA', 'ses'],
  its: ['son', 'SA', 'ses'],
  our: ['notre', 'notre', 'nos'],
  their: ['leur', 'leur', 'leurs'],
};
const kEnglishPlurals = { this: 'these', that: 'those' };

const pick3 = ([m, f, many], { feminine, plural }) => (plural ? many : feminine ? f : m);

/**
 * English and French words of a determiner.
 *   a, the, this, that, my, ...   as in English ("a" of more than one is "some")
 *   some       a part of what cannot be counted, or several; "bare": the same without an English word
 *   any        what "a" and "some" are after a negation
 *   general    all of a kind: none in English, the definite article in French
 *   none       none in either
 *   own        a possessive in English, the definite article in French
 *   all, every, many, several, few, number
 */
function determiner(det, words) {
  const { noun, plural, feminine, englishNext, preposed, afterDe } = words;
  const form = (name) => pick3(kDeterminers[name], { feminine, plural });
  const many = plural && noun.englishPlural !== false ? true : plural;
  switch (det.kind) {
    case 'a':
      return [[article(englishNext)], [form('a')]];
    case 'some':
    case 'bare': {
      const english = det.kind === 'some' ? ['some'] : [];
      if (afterDe) return [english, []];
      if (plural) return [english, [preposed ? 'de' : 'des']];
      return [english, ['de', form('the')]];
    }
    case 'any':
      return [[plural || noun.mass ? 'any' : article(englishNext)], afterDe ? [] : ['de']];
    case 'general':
      return [[], [form('the')]];
    case 'none':
      return [[], []];
    case 'own':
      return [[det.owner], [form('the')]];
    case 'every':
      return [['every'], ['chaque']];
    case 'all':
      return [
        ['all', det.owner ?? 'the'],
        [feminine ? 'toutes' : 'tous', form(det.owner ?? 'the')],
      ];
    case 'many':
      return [[det.english], ['beaucoup', 'de']];
    case 'several':
      return [['several'], ['plusieurs']];
    case 'few':
      return [['a few'], ['quelques']];
    case 'number': {
      const link = {};
      const number = frenchNumber(det.number, feminine);
      return [[{ text: englishNumber(det.number), link }], [{ text: number, link }]];
    }
    default:
      return [[(many && !(noun.mass && plural) && kEnglishPlurals[det.kind]) || det.kind], [form(det.kind)]];
  }
}

const kCounted = new Set([
  'number',
  'several',
  'many',
  'few',
  'all',
  'this',
  'that',
  'some',
  'bare',
  'general',
  'none',
  'any',
]);

/** `det`: { kind, ... }; adjectives in any order; `feminine` only for nouns that have both genders. */
export function nounPhrase(
  noun,
  { det, plural: wanted = false, feminine, adjectives = [], afterDe = false },
) {
  let plural = wanted;
  // "The sheep": one, as English does not say.
  if (plural && noun.en === noun.ens && !kCounted.has(det.kind)) plural = false;
  const many = noun.plural || plural;
  const isFeminine = noun.both ? (feminine ?? false) : noun.f !== undefined;
  const forms = isFeminine ? noun.f : noun.m;
  const gender = { feminine: isFeminine, plural: many };
  const link = {};
  const englishPlural = noun.englishPlural || (plural && !noun.mass);
  const englishNoun = { text: englishPlural ? noun.ens : noun.en, link };
  const described = adjectives.map((adjective) => ({ ...adjective, link: {} }));
  const before = described.filter((adjective) => adjective.before);
  const after = described.filter((adjective) => !adjective.before);
  const french = (adjective) => ({
    text: agree(adjective.forms, gender),
    link: adjective.link,
    beforeVowel: many || isFeminine || !adjective.before ? undefined : adjective.forms.beforeVowel,
  });
  const english = [...before, ...after].map(({ en, link: of }) => ({ text: en, link: of }));
  const [enDet, frDet] = determiner(det, {
    noun,
    plural: many,
    feminine: isFeminine,
    englishNext: textOf(english[0] ?? englishNoun),
    preposed: before.length > 0,
    afterDe,
  });
  const frenchNoun = { text: many ? forms.many : forms.one, link };
  return {
    en: [...enDet, ...english, englishNoun],
    fr: [...frDet, ...before.map(french), frenchNoun, ...after.map(french)],
    person: 3,
    plural: many,
    englishPlural,
    feminine: isFeminine,
    noun,
    det: det.kind,
  };
}

/** "Anna's book": the phrase with its owner, which is another phrase, for determiner. */
export function owned(noun, owner, options = {}) {
  const phrase = nounPhrase(noun, { ...options, det: { kind: 'the' } });
  const ends = textOf(owner.en.at(-1)).endsWith('s') && owner.englishPlural;
  return {
    ...phrase,
    en: [...owner.en, ends ? "'" : "'s", ...phrase.en.slice(1)],
    fr: [...phrase.fr, 'de', ...owner.fr],
    det: 'owned',
  };
}

export function named({ en, fr, feminine }) {
  const link = {};
  return {
    en: [{ text: en, link }],
    fr: [{ text: fr, link }],
    person: 3,
    plural: false,
    englishPlural: false,
    feminine,
    name: true,
  };
}

/** Subjects that are pronouns; "you" is "vous". */
const pronoun = (en, fr, person, plural, feminine = false, englishPlural = plural) => ({
  en: [en],
  fr: [fr],
  person,
  plural,
  englishPlural,
  feminine,
  pronoun: true,
});
export const pronouns = {
  I: pronoun('I', 'je', 1, false),
  you: { ...pronoun('you', 'vous', 2, true), polite: true },
  he: pronoun('he', 'il', 3, false),
  she: pronoun('she', 'elle', 3, false, true),
  we: pronoun('we', 'nous', 1, true),
  they: pronoun('they', 'ils', 3, true),
};

/** What stands for a phrase as a subject; `english` where it cannot be "it" or "they". */
export function subjectPronoun(phrase, english) {
  const en = english ?? (phrase.englishPlural ? 'they' : 'it');
  const fr = (phrase.feminine ? 'elle' : 'il') + (phrase.plural ? 's' : '');
  return { ...phrase, en: [en], fr: [fr], pronoun: true, name: false };
}

const kDirect = { I: 'me', you: 'vous', we: 'nous', he: 'le', she: 'la', they: 'les' };
const kIndirect = { I: 'me', you: 'vous', we: 'nous', he: 'lui', she: 'lui', they: 'leur' };
const kObjects = { I: 'me', you: 'you', we: 'us', he: 'him', she: 'her', they: 'them' };

/** An object before the French verb: "him" as { en, clitic, ... }; `indirect`: "to him". */
export function objectPronoun(name, indirect = false) {
  const { feminine, plural, polite, person } = pronouns[name];
  return {
    en: [kObjects[name]],
    clitic: (indirect ? kIndirect : kDirect)[name],
    agrees: indirect ? undefined : { feminine, plural: plural && !polite },
    person,
  };
}

/** What stands for a phrase as an object: "it", "him", "them". */
export function objectFor(phrase, english) {
  const { feminine, plural } = phrase;
  return {
    en: [english ?? (phrase.englishPlural ? 'them' : 'it')],
    clitic: plural ? 'les' : feminine ? 'la' : 'le',
    agrees: { feminine, plural },
  };
}

/** Two phrases as one: masculine unless both are feminine. */
export function both(a, b, { en = 'and', fr = 'et' } = {}) {
  return {
    en: [...a.en, en, ...b.en],
    fr: [...a.fr, fr, ...b.fr],
    person: 3,
    plural: true,
    englishPlural: true,
    feminine: a.feminine && b.feminine,
  };
}
