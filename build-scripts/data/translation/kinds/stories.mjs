// Texts of two or three sentences. A pronoun of the second one has its gender from the first: "The table is old. It is heavy."

import { be, clause } from '../clause.mjs';
import { deed, sentence, told } from '../deeds.mjs';
import { adjectives, nounsOf, verbs } from '../lexicon.mjs';
import { nounPhrase, objectFor, subjectPronoun } from '../noun-phrase.mjs';
import { follow, write } from '../writing.mjs';
import { opposed, predicate, predicateFor, somewhere, thing } from './descriptions.mjs';
import { again, feelingClause } from './joined.mjs';

const texts = (...parts) => follow(parts.map((part) => write(part)));

/** "The table is old. It is heavy.", "My shoes are under the bed. They are dirty." */
function thingTwice(c) {
  const subject = thing(c, undefined, { share: 0.05 });
  const a = predicateFor(c, subject);
  const b = predicateFor(c, subject);
  if (a.en === b.en || a.forms.m === b.forms.m || opposed(a, b)) return thingTwice(c);
  const tense = c.chance(0.8) ? 'present' : 'past';
  const movable = ['thing', 'text', 'clothes', 'pet', 'fruit'].includes(subject.noun.topic);
  const first = movable && c.chance(0.4) ? somewhere(c) : predicate(c, a, subject);
  if (first.noun && (first.noun === subject.noun || ['building', 'place'].includes(first.noun.topic)))
    return thingTwice(c);
  const it = subjectPronoun(subject);
  return texts(
    sentence(clause({ subject, verb: be, tense, after: [first] })),
    sentence(
      clause({
        subject: it,
        verb: be,
        tense,
        contracted: c.chance(0.2),
        negation: c.chance(0.2) ? 'not' : undefined,
        after: [predicate(c, b, subject, { degree: c.chance(0.15) })],
      }),
    ),
  );
}

/** Frames whose object is a thing that may be spoken of again. */
const kGets = verbs.person.filter(
  ({ en, slots, reflexive }) =>
    /^(buy|have|see|find|want|look|receive|choose|borrow|sell|build|make|draw|repair|wear|carry|order|write|read|visit|plant|lose|need|bring|open|wash|drive|use|clean|paint|cook|prepare|catch)$/.test(
      en,
    ) &&
    slots.length === 1 &&
    slots[0].kind &&
    !slots[0].french &&
    !reflexive &&
    !/person|kin|money|illness|problem|teeth|photos|mealtime|house/.test(slots[0].kind),
);

function getting(c, tense) {
  for (;;) {
    const subject = c.person();
    if (subject.spoken || subject.det === 'every') continue;
    const verb = c.pick(kGets);
    const chosen =
      tense ??
      c.one(
        verb.state
          ? { present: 5, past: 2 }
          : {
              past: 7,
              present: 1,
              progressive: verb.point ? 0 : 2,
              future: verb.unwilled ? 0 : 2,
              near: verb.unwilled ? 0 : 1,
            },
      );
    const made = deed(c, {
      who: 'person',
      subject,
      verb,
      tense: chosen,
      negation: false,
      short: c.chance(0.6),
      loose: false,
    });
    const [object] = made.spec.objects;
    if (
      !object?.noun ||
      object.noun.topic === 'kin' ||
      made.spec.chain.length > 0 ||
      object.det === 'all' ||
      object.det === 'none'
    )
      continue;
    made.spec.within = [];
    return { made, object, subject };
  }
}

/** "I bought a car. It is red." */
function getsOne(c) {
  const { made, object } = getting(c);
  const adjective = predicateFor(c, object);
  const past = made.spec.tense === 'past';
  const tense = past ? c.pick(['present', 'past']) : 'present';
  const second = clause({
    subject: subjectPronoun(object),
    verb: be,
    tense,
    contracted: c.chance(0.2),
    negation: c.chance(0.15) ? 'not' : undefined,
    after: [predicate(c, adjective, object, { degree: c.chance(0.25) })],
  });
  return texts(sentence(told(c, made)), sentence(second));
}

/** "I bought a dress. I like it.", "She found the key. She gave it to her father." */
function likesIt(c) {
  for (;;) {
    const { made, object, subject } = getting(c);
    const liking = c.chance(0.3);
    const list = liking
      ? verbs.person.filter(
          ({ en, slots }) => /^(like|hate|love)$/.test(en) && slots[0] && slots[0].mode === 'gen',
        )
      : verbs.person;
    const fits = list.filter(
      (verb) =>
        verb.slots.length > 0 &&
        verb.slots[0].kind &&
        !verb.slots[0].french &&
        !verb.reflexive &&
        verb.own.length === 0 &&
        (liking ||
          (!verb.state &&
            !['own', 'article', 'the', 'my', 'bare', 'plural', 'thes'].includes(verb.slots[0].mode) &&
            nounsOf(verb.slots[0].kind).includes(object.noun))),
    );
    if (fits.length === 0) continue;
    const verb = c.pick(fits);
    if (verb.fr.infinitive === made.spec.verb.fr.infinitive) continue;
    const after = again(subject);
    const past = made.spec.tense === 'past';
    const tense = liking
      ? 'present'
      : past
        ? c.pick(['past', 'past', 'near', 'future'])
        : c.pick(['future', 'near', 'must', 'can']);
    if (verb.unwilled && tense !== 'past' && !liking) continue;
    if (['must', 'can', 'near'].includes(tense) && verb.state) continue;
    const second = deed(c, {
      who: 'person',
      subject: after,
      verb,
      tense,
      negation: c.chance(0.15) ? 'not' : false,
      short: true,
      loose: false,
    });
    second.spec.objects = [objectFor(object), ...second.spec.objects.slice(1)];
    if (second.spec.objects[1]?.clitic) continue;
    return texts(sentence(told(c, made)), sentence(told(c, second)));
  }
}

/** "My sister is a nurse. She works in a hospital.", "Tom is tired. He is going to sleep." */
function personTwice(c) {
  const subject = c.person({ pronoun: false });
  if (subject.spoken || subject.det === 'every') return personTwice(c);
  const after = again(subject);
  const kind = c.one({ deeds: 5, feeling: 3, being: 2 });
  if (kind === 'feeling') {
    const tense = c.pick(['present', 'present', 'past']);
    const second = deed(c, {
      who: 'person',
      subject: after,
      tense: tense === 'present' ? c.pick(['past', 'past', 'near', 'future', 'perfect']) : 'past',
      short: c.chance(0.6),
    });
    return texts(sentence(feelingClause(c, subject, tense)), sentence(told(c, second)));
  }
  if (kind === 'being') {
    const lists = ['character', 'figure', 'character'];
    const [a, b] = [c.pick(adjectives[c.pick(lists)]), c.pick(adjectives[c.pick(lists)])];
    if (a.en === b.en || opposed(a, b)) return personTwice(c);
    const of = (who, adjective) =>
      sentence(
        clause({
          subject: who,
          verb: be,
          after: [predicate(c, adjective, subject, { degree: c.chance(0.2) })],
        }),
      );
    return texts(of(subject, a), of(after, b));
  }
  const tense = c.one({ past: 6, present: 3, future: 3 });
  const first = deed(c, { who: 'person', subject, tense, negation: false, short: c.chance(0.5) });
  const second = deed(c, { who: 'person', subject: after, tense, short: true });
  if (first.spec.verb.fr.infinitive === second.spec.verb.fr.infinitive) return personTwice(c);
  return texts(sentence(told(c, first)), sentence(told(c, second)));
}

/** "I see a dog. It is sleeping.": an animal that does something. */
function animalTwice(c) {
  const subject = c.animal();
  const after = { ...subjectPronoun(subject), owner: subject.owner };
  const first = c.chance(0.5)
    ? clause({
        subject,
        verb: be,
        tense: 'present',
        after: [predicate(c, predicateFor(c, subject), subject)],
      })
    : told(c, deed(c, { who: 'animal', subject, tense: 'progressive', negation: false }));
  const second = deed(c, {
    who: 'animal',
    subject: after,
    tense: c.pick(['progressive', 'present', 'past', 'near']),
    negation: c.chance(0.2) ? 'not' : false,
    short: c.chance(0.5),
  });
  return texts(sentence(first), sentence(told(c, second)));
}

/** "Where is my hat? It is on the chair." */
function whereIsIt(c) {
  const subject = thing(c, ['thing', 'clothes', 'text', 'pet', 'fruit'], { share: 0.15 });
  const place = somewhere(c);
  if (place.noun === subject.noun || ['building', 'place'].includes(place.noun.topic)) return whereIsIt(c);
  const ask = {
    en: ['where', subject.englishPlural ? 'are' : 'is', ...subject.en],
    fr: ['où', subject.plural ? 'sont' : 'est', ...subject.fr],
  };
  return texts(
    sentence(ask, '?'),
    sentence(
      clause({ subject: subjectPronoun(subject), verb: be, contracted: c.chance(0.25), after: [place] }),
    ),
  );
}

/** "There is a cat in the garden. It is black." */
function thereIsOne(c) {
  const place = somewhere(c);
  const noun = c.pick(nounsOf(c.pick(['thing', 'text', 'pet', 'clothes', 'fruit', 'thing'])));
  if (
    noun.unique ||
    noun.plural ||
    noun.mass ||
    place.noun === noun ||
    ['building', 'place'].includes(place.noun.topic)
  )
    return thereIsOne(c);
  const plural = c.chance(0.3);
  const phrase = nounPhrase(noun, {
    det: plural ? { kind: 'number', number: c.pick([2, 3, 4]) } : { kind: 'a' },
    plural,
  });
  const open = {
    en: ['there', plural ? 'are' : 'is', ...phrase.en, ...place.en],
    fr: ['il', 'y', 'a', ...phrase.fr, ...place.fr],
  };
  return texts(
    sentence(open),
    sentence(
      clause({
        subject: subjectPronoun(phrase),
        verb: be,
        contracted: c.chance(0.2),
        after: [predicate(c, predicateFor(c, phrase), phrase)],
      }),
    ),
  );
}

/** "It is raining. Take your umbrella." and other short ones with a question and its answer. */
function answer(c) {
  const subject = c.person({ pronoun: false });
  if (subject.spoken || subject.det === 'every' || subject.det === 'a') return answer(c);
  const made = deed(c, {
    who: 'person',
    subject,
    tense: c.pick(['present', 'past', 'future', 'can']),
    negation: false,
    short: true,
    loose: false,
  });
  made.spec.frequency = undefined;
  made.spec.contracted = false;
  const yes = c.chance(0.5);
  const open = clause({ ...made.spec, question: true });
  const after = { ...again(subject) };
  const second = clause({
    ...made.spec,
    subject: after,
    objects: made.spec.objects,
    negation: yes ? undefined : 'not',
  });
  if (
    !yes &&
    made.spec.objects.some(({ det }) =>
      ['a', 'some', 'bare', 'number', 'many', 'several', 'few'].includes(det),
    )
  )
    return answer(c);
  const word = yes ? ['yes', 'oui'] : ['no', 'non'];
  return texts(
    sentence(open, '?'),
    sentence({ en: [word[0], ',', ...second.en], fr: [word[1], ',', ...second.fr] }),
  );
}

export const stories = [
  { weight: 18, make: thingTwice },
  { weight: 20, make: getsOne },
  { weight: 18, make: likesIt },
  { weight: 16, make: personTwice },
  { weight: 7, make: animalTwice },
  { weight: 8, make: whereIsIt },
  { weight: 8, make: thereIsOne },
  { weight: 8, make: answer },
];
