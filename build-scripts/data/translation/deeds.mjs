// What somebody does: the parts of a clause about a verb, drawn so that tense, negation, adverbs and times go together.

import { clause } from './clause.mjs';
import { chains } from './lexicon.mjs';

const kTenses = {
  present: 16,
  progressive: 14,
  past: 24,
  future: 11,
  near: 7,
  perfect: 5,
  just: 1.5,
  pastProgressive: 4,
  used: 1,
  can: 4,
  must: 4,
  should: 3,
  chain: 8,
  pastChain: 2,
  would: 2.5,
  conditional: 0,
};
const kTimes = {
  present: 'habit',
  progressive: 'now',
  past: 'past',
  future: 'future',
  near: 'future',
  must: 'future',
  should: 'future',
  can: 'future',
  chain: 'future',
  would: 'future',
};
const kMoods = { chain: 'present', pastChain: 'past', would: 'conditional' };
const kWishes = chains.filter(({ en }) => /^(want|hope|need)$/.test(en));
const kWould = chains.filter(({ en }) => ['like', 'love', 'prefer'].includes(en));

/** Whether a state lasts: "I know" but not "I am knowing", "I will know". */
function suits(verb, tense) {
  if (
    verb.unwilled &&
    ['near', 'can', 'must', 'should', 'would', 'conditional', 'progressive'].includes(tense)
  )
    return false;
  if (verb.state)
    return (
      ['present', 'past', 'used', 'pluperfect'].includes(tense) ||
      (['future', 'would', 'near', 'conditional'].includes(tense) && ['have', 'live'].includes(verb.en))
    );
  if (verb.point && ['progressive', 'pastProgressive', 'used'].includes(tense)) return false;
  return true;
}

/** What is done again and again. */
const kHabits =
  /^(eat|drink|read|write|listen|watch|play|clean|wash|cook|prepare|help|call|phone|visit|wear|feed|water|do|study|teach|speak|talk|brush|use|take|make|tidy|drive)$/;
const habitual = (verb) =>
  !verb.unwilled &&
  !/^(shout|whistle|fall)$/.test(verb.en) &&
  (verb.slots.length === 0 || verb.slots[0].place !== undefined || kHabits.test(verb.en));

/** A verb that suits a tense. */
export function verbFor(c, who, tense) {
  for (;;) {
    const verb = c.verb(who);
    if (suits(verb, tense)) return verb;
  }
}

/** Parts of a clause: { spec, time }. `fixed` gives what is settled already. */
export function deed(c, fixed = {}) {
  const who = fixed.who ?? (c.chance(0.88) ? 'person' : 'animal');
  const subject = fixed.subject ?? (who === 'person' ? c.person() : c.animal());
  let tense = fixed.tense ?? c.one(kTenses);
  if (who === 'animal' && ['chain', 'pastChain', 'would', 'must', 'should', 'used'].includes(tense))
    tense = 'past';
  const wanted = tense;
  const verb = fixed.verb ?? verbFor(c, who, kMoods[wanted] ? 'near' : wanted);
  let chain = [];
  if (kMoods[wanted]) {
    const before = wanted === 'would' ? c.pick(kWould) : verb.state ? c.pick(kWishes) : c.chain();
    chain = [before];
    tense =
      wanted === 'pastChain' && ['learn', 'have', 'know', 'prefer'].includes(before.en)
        ? 'present'
        : kMoods[wanted];
  }
  let negation = fixed.negation;
  if (negation === undefined && c.chance(0.16))
    negation = c.one({
      not: 10,
      never: ['present', 'past', 'future', 'perfect'].includes(tense) ? 2 : 0,
      'no longer': tense === 'present' && !verb.point ? 1.5 : 0,
      'any more': tense === 'present' && !verb.point ? 1 : 0,
    });
  if (negation === false || tense === 'just' || tense === 'used') negation = undefined;
  if (wanted === 'would') negation = undefined;
  if (tense === 'progressive' && negation === 'never') negation = 'not';
  const owner = subject.owner;
  const objects =
    fixed.objects ??
    c.objects(verb, { owner, negation, subject: subject.english, loose: fixed.loose ?? true });
  const places = verb.slots.filter(({ place }) => place).map(({ place }) => c.placeSlot(place, owner));
  const after = [...places];
  const plain = !negation && chain.length === 0 && !['can', 'must', 'should', 'just'].includes(tense);
  const manner = plain && !fixed.short ? c.manner(verb, subject) : {};
  if (manner.after) after.unshift(...manner.after);
  if (places.length === 0 && verb.places.length > 0 && !fixed.short && c.chance(0.3))
    after.push(c.place(c.pick(verb.places), subject));
  const spec = { subject, verb, tense, negation, objects, chain, within: manner.within ?? [], after };
  let time;
  const kind = kTimes[wanted];
  const timeless = fixed.short || (verb.state && !['have', 'live'].includes(verb.en)) || negation === 'never';
  if (
    kind &&
    !timeless &&
    (tense !== 'present' || habitual(verb)) &&
    c.chance(tense === 'present' ? 0.35 : 0.33) &&
    !(wanted === 'chain' && chain[0].state === false)
  )
    time = c.time(kind);
  if (verb.state && tense !== 'future') time = undefined;
  if (tense === 'present' && plain && !verb.state && habitual(verb) && !time && c.chance(0.22))
    spec.frequency = c.frequency();
  if (tense === 'perfect' && plain && c.chance(0.4)) spec.frequency = c.perfectAdverb();
  if (c.chance(0.18)) spec.contracted = true;
  return { spec, time };
}

/** The words of a deed, its time at the end or in front. */
export function told(c, { spec, time }, { front = true } = {}) {
  const words = clause(spec);
  if (!time) return words;
  if (front && c.chance(0.3)) {
    const comma = c.chance(0.3) ? [','] : [];
    return { en: [...time.en, ...comma, ...words.en], fr: [...time.fr, ',', ...words.fr] };
  }
  return { en: [...words.en, ...time.en], fr: [...words.fr, ...time.fr] };
}

export const sentence = ({ en, fr }, mark = '.') => ({ en: [...en, mark], fr: [...fr, mark] });
