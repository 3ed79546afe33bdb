// Clauses: who does what, in both languages: tenses, negations, questions, pronouns before the verb.
//
// English tenses and their French ones:
//   present, progressive        présent            past, perfect          passé composé; of states the past is the imparfait
//   pastProgressive, used       imparfait          future                 futur simple
//   pluperfect                  plus-que-parfait
//   near (going to)             aller + infinitif  conditional            conditionnel
//   just (has just)             venir de           can, must, should      pouvoir, devoir, devoir (conditionnel)

import { participle, past, progressive, thirdPerson } from '../everyday/morphology.mjs';
import { conjugate, inverted, participleForm } from './conjugation.mjs';
import { textOf } from './writing.mjs';

export const be = { en: 'be', particle: [], fr: conjugate('être'), own: [], slots: [], state: true };

const kModals = {
  can: ['pouvoir', 'present'],
  must: ['devoir', 'present'],
  should: ['devoir', 'conditional'],
};

/** "not" as part of the verb before it. */
const kContracted = {
  do: "don't",
  does: "doesn't",
  did: "didn't",
  is: "isn't",
  are: "aren't",
  was: "wasn't",
  were: "weren't",
  has: "hasn't",
  have: "haven't",
  will: "won't",
  would: "wouldn't",
  can: "can't",
  should: "shouldn't",
  must: "mustn't",
};
/** A verb as part of the pronoun before it. */
const kShort = { am: "'m", is: "'s", are: "'re", will: "'ll", have: "'ve" };
const kTakesShort = {
  "'m": /^I$/,
  "'s": /^(he|she|it)$/,
  "'re": /^(you|we|they)$/,
  "'ll": /^(I|you|he|she|it|we|they)$/,
  "'ve": /^(I|you|we|they)$/,
};

// --------------------------------------------------------------------------------------------------------- English

/** { first, words }: the auxiliary (none in simple tenses) and what follows it; `bare`: the verb needs "do" to be asked. */
function englishVerb({ verb, chain, tense, subject, negation, frequency, question }) {
  const verbs = [...chain, verb];
  const [head] = verbs;
  const single = subject.person === 3 && !subject.englishPlural;
  const present = (lemma) => {
    if (lemma === 'be') return single ? 'is' : subject.person === 1 && !subject.englishPlural ? 'am' : 'are';
    return single ? thirdPerson(lemma) : lemma;
  };
  const was = single || (subject.person === 1 && !subject.englishPlural) ? 'was' : 'were';
  const infinitives = verbs.flatMap((one, i) => [
    { text: one.en, link: one.link },
    ...(i < chain.length ? one.particle : []),
  ]);
  const headForm = (text) => [{ ...infinitives[0], text }, ...infinitives.slice(1)];
  const needsDo = (negation === 'not' || negation === 'any more' || question) && head.en !== 'be';
  let first;
  let words;
  switch (tense) {
    case 'present':
      if (head.en === 'be') [first, words] = [present('be'), infinitives.slice(1)];
      else if (needsDo) [first, words] = [present('do'), infinitives];
      else words = headForm(present(head.en));
      break;
    case 'past':
      if (head.en === 'be') [first, words] = [was, infinitives.slice(1)];
      else if (needsDo) [first, words] = ['did', infinitives];
      else words = headForm(past(head.en));
      break;
    case 'used':
      words = ['used to', ...infinitives];
      break;
    case 'progressive':
      [first, words] = [present('be'), headForm(progressive(head.en))];
      break;
    case 'pastProgressive':
      [first, words] = [was, headForm(progressive(head.en))];
      break;
    case 'perfect':
      [first, words] = [present('have'), headForm(participle(head.en))];
      break;
    case 'pluperfect':
      [first, words] = ['had', headForm(participle(head.en))];
      break;
    case 'just':
      [first, words] = [present('have'), ['just', ...headForm(participle(head.en))]];
      break;
    case 'near':
      [first, words] = [present('be'), ['going to', ...infinitives]];
      break;
    case 'future':
      [first, words] = ['will', infinitives];
      break;
    case 'conditional':
      [first, words] = ['would', infinitives];
      break;
    default:
      [first, words] = [tense, infinitives];
  }
  const inner = [];
  if (negation === 'not' || negation === 'any more') inner.push('not');
  if (negation === 'never') inner.push('never');
  if (negation === 'no longer') inner.push('no longer');
  if (frequency) inner.push({ text: frequency.en, link: frequency.link });
  return { first, inner, words };
}

/** A verb's particle and objects: "turn on the light", but "turn it on". */
function withParticle({ en, particle }, objects) {
  const words = objects.flatMap((object) => object.en);
  const parts = /^(turn|put|take)$/.test(en) && /^(on|off)$/.test(particle[0]) && objects[0]?.clitic;
  return parts ? [...words, ...particle] : [...particle, ...words];
}

function englishClause(spec) {
  const { subject, verb, objects, question, after, negation, contracted, asked } = spec;
  const { first, inner, words } = englishVerb(spec);
  let auxiliary = first ? [first] : [];
  const subjectWords = subject.en;
  let within = inner;
  if (contracted && first) {
    if (within[0] === 'not' && kContracted[first]) {
      auxiliary = [kContracted[first]];
      within = within.slice(1);
    } else if (!question && subject.pronoun && kTakesShort[kShort[first]]?.test(textOf(subject.en[0]))) {
      auxiliary = [kShort[first]];
    }
  }
  if (first === 'can' && within[0] === 'not' && !question) {
    auxiliary = ['cannot'];
    within = within.slice(1);
  }
  const tail = [...words, ...withParticle(verb, objects), ...after.flatMap(({ en }) => en)];
  const last = negation === 'any more' ? ['anymore'] : [];
  if (!question) return [...subjectWords, ...auxiliary, ...within, ...tail, ...last];
  const opened = [...(asked?.en ?? []), ...auxiliary];
  // "Is it not": the subject comes before an uncontracted "not".
  return [...opened, ...subjectWords, ...within, ...tail, ...last];
}

// ---------------------------------------------------------------------------------------------------------- French

const place = ({ person, plural }) => (plural ? person + 2 : person - 1);
const kReflexive = ['me', 'te', 'se', 'nous', 'vous', 'se'];
const kNegations = {
  not: 'pas',
  never: 'jamais',
  'no longer': 'plus',
  'any more': 'plus',
  nothing: 'rien',
  nobody: undefined,
};
const kTenses = {
  progressive: 'present',
  pastProgressive: 'imperfect',
  used: 'imperfect',
  perfect: 'compound',
  pluperfect: 'compound',
  near: 'present',
  just: 'present',
};

/** "faire du vélo", denied: "ne pas faire de vélo". */
const ownWords = ({ own }, negated) =>
  own.map((word, i) => (negated && i === 0 && /^(du|une?)$/.test(word) ? 'de' : word));

/** The French verb's parts: { before, finite, rest } around which subject and negation stand. */
function frenchVerb({ verb, chain, tense, subject, negation, frequency, within, objects, antecedent }) {
  const verbs = [...chain, verb].map((one) => ({ ...one }));
  let kind = kTenses[tense] ?? tense;
  if (tense === 'past') kind = verbs[0].state ? 'imperfect' : 'compound';
  if (tense === 'near') verbs.unshift({ fr: conjugate('aller'), own: [] });
  if (tense === 'just') verbs.unshift({ fr: conjugate('venir'), own: ['de'] });
  if (kModals[tense]) {
    const [infinitive, mood] = kModals[tense];
    verbs.unshift({ fr: conjugate(infinitive), own: [] });
    kind = mood;
  }
  const last = verbs.length - 1;
  const [head] = verbs;
  const clitic = objects.find((object) => object.clitic);
  const reflexive = verb.reflexive ? [kReflexive[place(subject)]] : [];
  const clitics = [...reflexive, ...(clitic ? [clitic.clitic] : [])];

  const auxiliary =
    kind === 'compound' && conjugate(head.fr.being || (head.reflexive && last === 0) ? 'être' : 'avoir');
  const mood = kind !== 'compound' ? kind : tense === 'pluperfect' ? 'imperfect' : 'present';
  const form = (auxiliary || head.fr)[mood][place(subject)];
  const finite = auxiliary ? { text: form } : { text: form, link: head.link };
  const rest = [];
  const no = kNegations[negation];
  if (no) rest.push(no);
  if (frequency) rest.push({ text: frequency.fr, link: frequency.link });
  if (last === 0 || tense === 'near') rest.push(...within.map(({ fr, link }) => ({ text: fr, link })));
  if (auxiliary) {
    const agreed =
      head.fr.being || (head.reflexive && !verb.slots.some(({ mode }) => mode === 'own'))
        ? subjectGender(subject)
        : (clitic?.agrees ?? antecedent);
    rest.push({
      text: agreed ? participleForm(head.fr.participle, agreed) : head.fr.participle,
      link: head.link,
    });
  }
  verbs.slice(1).forEach((one, i) => {
    rest.push(...verbs[i].own);
    if (i + 1 === last) rest.push(...clitics);
    rest.push({ text: one.fr.infinitive, link: one.link });
  });
  rest.push(...ownWords(verbs[last], negation && last === 0));
  return { negated: negation !== undefined, before: last === 0 ? clitics : [], finite, rest };
}

/** A polite "vous" is one man here, as English does not say. */
const subjectGender = ({ feminine, plural, polite }) => ({ feminine, plural: plural && !polite });
export const genderOf = subjectGender;

/** An object after the verb; one that stands before it is none. */
function frenchObject({ clitic, preposition, fr }) {
  return clitic ? [] : [...(preposition ? [preposition] : []), ...fr];
}

function frenchClause(spec) {
  const { subject, objects, question, after, asked } = spec;
  const { negated, before, finite, rest } = frenchVerb(spec);
  const ne = negated ? ['ne'] : [];
  const tail = [...objects.flatMap(frenchObject), ...after.flatMap(({ fr }) => fr)];
  if (!question) return [...subject.fr, ...ne, ...before, finite, ...rest, ...tail];
  const first = asked?.fr ?? [];
  if (subject.pronoun && subject.fr[0] !== 'je' && subject.person !== 0) {
    const open = asked?.inverted ?? first;
    const pronoun = { text: inverted(finite.text, subject.fr[0]) };
    return [...open, ...ne, ...before, finite, pronoun, ...rest, ...tail];
  }
  const ask = asked?.whole ?? [...first, 'est-ce que'];
  return [...ask, ...subject.fr, ...ne, ...before, finite, ...rest, ...tail];
}

/**
 * Both languages' words of a clause.
 *
 * { subject, verb } with, optionally: tense, negation (not, never, no longer, any more, nothing, nobody), objects (a phrase or
 * pronoun for each slot of the verb), chain (verbs before its infinitive), frequency and within (adverbs inside the French
 * verb), after (what follows: { en, fr }), question (with `asked`, the question word), contracted, antecedent (gender and
 * number of a direct object that stands before, which the participle agrees with).
 */
export function clause(given) {
  const spec = { tense: 'present', objects: [], chain: [], within: [], after: [], ...given };
  spec.verb = { ...spec.verb, link: given.link ?? {} };
  spec.chain = spec.chain.map((one) => ({ ...one, link: {} }));
  if (spec.frequency) spec.frequency = { ...spec.frequency, link: {} };
  spec.within = spec.within.map((adverb) => ({ ...adverb, link: {} }));
  const english = {
    ...spec,
    after: [...spec.within.map(({ en, link }) => ({ en: [{ text: en, link }] })), ...spec.after],
  };
  return { en: englishClause(english), fr: frenchClause(spec) };
}

/** An order: "Open the door", "Let's eat", "Do not eat". */
export function order({
  verb,
  objects = [],
  after = [],
  negated = false,
  together = false,
  please = '',
  contracted = false,
}) {
  const linked = { ...verb, link: {} };
  const clitic = objects.find((object) => object.clitic);
  const form = { text: verb.fr.imperative[together ? 0 : 1], link: linked.link };
  const reflexive = verb.reflexive ? [together ? 'nous' : 'vous'] : [];
  const clitics = [...reflexive, ...(clitic ? [clitic.clitic] : [])];
  const strong = clitics.map((one) => `-${one === 'me' ? 'moi' : one}`);
  const tail = objects.flatMap(frenchObject);
  const rest = after.flatMap(({ fr }) => fr);
  const start = together
    ? negated
      ? ["let's not"]
      : ["let's"]
    : negated
      ? [contracted ? "don't" : 'do not']
      : [];
  const thing = negated
    ? ['ne', ...clitics, form, 'pas', ...ownWords(verb, true), ...tail, ...rest]
    : [form, ...strong, ...verb.own, ...tail, ...rest];
  const words = [
    ...start,
    { text: verb.en, link: linked.link },
    ...withParticle(verb, objects),
    ...after.flatMap(({ en }) => en),
  ];
  if (please === 'first') return { en: ['please', ...words], fr: [...thing, ',', "s'il vous plaît"] };
  if (please === 'last') return { en: [...words, ',', 'please'], fr: [...thing, ',', "s'il vous plaît"] };
  return { en: words, fr: thing };
}
