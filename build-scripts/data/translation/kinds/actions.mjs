// Who does what: "My father bought a blue car."

import { clause } from '../clause.mjs';
import { deed, sentence, told } from '../deeds.mjs';
import { nounOf, verbs } from '../lexicon.mjs';
import { both, nounPhrase } from '../noun-phrase.mjs';

const kNothing = new Set([
  'eat',
  'see',
  'hear',
  'find',
  'buy',
  'do',
  'understand',
  'forget',
  'want',
  'drink',
  'read',
  'write',
  'sell',
  'make',
]);
const kNobody = new Set([
  'see',
  'help',
  'know',
  'invite',
  'listen',
  'hear',
  'wait',
  'thank',
  'meet',
  'call',
  'follow',
]);
const nothing = { nothing: [['nothing'], []], nobody: [['nobody'], ['personne']] };

function plain(c) {
  return sentence(told(c, deed(c)));
}

/** Two objects: "bread and cheese". */
function twoThings(c) {
  for (;;) {
    const made = deed(c, { who: 'person' });
    const { verb, negation, objects, subject } = made.spec;
    const slots = verb.slots.filter(({ place }) => !place);
    if (
      slots.length !== 1 ||
      negation ||
      ['own', 'the', 'my', 'bare', 'article'].includes(slots[0].mode) ||
      objects[0].clitic ||
      slots[0].french ||
      !objects[0].noun
    )
      continue;
    const other = c.object(slots[0], { owner: subject.owner });
    if (!other.noun || other.noun.en === objects[0].noun.en) continue;
    made.spec.objects = [both(objects[0], other)];
    return sentence(told(c, made));
  }
}

function nobodyOrNothing(c) {
  const kind = c.chance(0.6) ? 'nothing' : 'nobody';
  const suits = kind === 'nothing' ? kNothing : kNobody;
  if (c.chance(0.25)) {
    // "Nobody is sleeping."
    const subject = {
      en: ['nobody'],
      fr: ['personne', 'ne'],
      person: 3,
      plural: false,
      englishPlural: false,
      feminine: false,
      owner: 'their',
    };
    const made = deed(c, { who: 'person', subject, negation: false, loose: false });
    made.spec.contracted = false;
    return sentence(told(c, made));
  }
  for (;;) {
    const made = deed(c, { who: 'person', negation: kind });
    const { spec } = made;
    if (
      !suits.has(spec.verb.en) ||
      spec.objects.length !== 1 ||
      spec.verb.slots[0].french ||
      spec.tense === 'just'
    )
      continue;
    const [en, fr] = nothing[kind];
    spec.objects = [{ en, fr }];
    spec.within = [];
    return sentence(told(c, made));
  }
}

/** "He ate the cake and drank some tea." */
function twoDeeds(c) {
  const tense = c.one({ past: 5, future: 2, present: 3, near: 1 });
  const first = deed(c, { who: 'person', tense, negation: false, short: true });
  const second = deed(c, {
    who: 'person',
    tense,
    negation: false,
    short: true,
    subject: first.spec.subject,
    loose: false,
  });
  if (first.spec.verb.en === second.spec.verb.en || first.spec.verb.state !== second.spec.verb.state)
    return twoDeeds(c);
  first.spec.contracted = false;
  second.spec.contracted = false;
  const [a, b] = [clause(first.spec), clause(second.spec)];
  const skipEnglish = first.spec.subject.en.length;
  const skipped = tense === 'future' ? 1 : tense === 'near' ? 2 : 0;
  const { subject } = first.spec;
  const english = [...a.en, 'and', ...b.en.slice(skipEnglish + skipped)];
  if (tense === 'near') return twoDeeds(c);
  const fr = subject.pronoun ? [...a.fr, 'et', ...b.fr] : [...a.fr, 'et', ...b.fr.slice(subject.fr.length)];
  if (subject.spoken) return twoDeeds(c);
  return sentence({ en: english, fr });
}

/** "The baby is sleeping." */
function baby(c) {
  const subject = {
    ...nounPhrase(nounOf('baby'), {
      det: { kind: c.pick(['the', 'the', 'the', 'my', 'our', 'your']) },
      plural: c.chance(0.2),
    }),
    english: 'it',
    owner: 'its',
  };
  const verb = c.pick(
    verbs.person.filter(
      ({ en, slots }) => /^(sleep|cry|smile|laugh|play|wake|shout)$/.test(en) && slots.length === 0,
    ),
  );
  return sentence(
    told(
      c,
      deed(c, {
        who: 'person',
        subject,
        verb,
        tense: c.one({ present: 2, progressive: 4, past: 4, near: 1 }),
      }),
    ),
  );
}

export const actions = [
  { weight: 0.6, make: baby },
  { weight: 80, make: plain },
  { weight: 7, make: twoThings },
  { weight: 5, make: nobodyOrNothing },
  { weight: 8, make: twoDeeds },
];
