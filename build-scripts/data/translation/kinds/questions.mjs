// Questions. One way each: after pronouns the verb is inverted ("Parlez-vous anglais ?"), with nouns and "je" there is "est-ce que".

import { be, clause } from '../clause.mjs';
import { conjugate } from '../conjugation.mjs';
import { deed, sentence } from '../deeds.mjs';
import { nouns, nounsOf } from '../lexicon.mjs';
import { nounPhrase, pronouns } from '../noun-phrase.mjs';
import { kFeelings, predicate, predicateFor, thing } from './descriptions.mjs';

const kTenses = {
  present: 9,
  progressive: 6,
  past: 6,
  future: 4,
  near: 3,
  perfect: 2,
  can: 3,
  must: 2,
  should: 1,
  would: 1,
};

function subjectFor(c) {
  const kind = c.one({ you: 9, pronoun: 5, other: 6 });
  const as = (name) => ({
    ...pronouns[name],
    english: name,
    owner: { you: 'your', he: 'his', she: 'her', they: 'their', we: 'our', I: 'my' }[name],
  });
  if (kind === 'you') return as('you');
  if (kind === 'pronoun') return as(c.pick(['he', 'she', 'they', 'we', 'I']));
  for (;;) {
    const subject = c.person({ pronoun: false });
    if (!subject.spoken && subject.det !== 'a' && subject.det !== 'every') return subject;
  }
}

/** A deed with nothing denied, to be asked for. */
function asking(c, fixed = {}) {
  const made = deed(c, {
    who: 'person',
    subject: subjectFor(c),
    tense: c.one(kTenses),
    negation: false,
    ...fixed,
  });
  made.spec.contracted = false;
  made.spec.frequency = undefined;
  return made;
}

function finished(_c, { spec, time }, asked) {
  const words = clause({ ...spec, question: true, asked });
  const withTime = time ? { en: [...words.en, ...time.en], fr: [...words.fr, ...time.fr] } : words;
  return sentence(withTime, '?');
}

const yesNo = (c) => finished(c, asking(c));

/** "Where does your brother work?" */
function whQuestion(c) {
  const kind = c.one({ where: 4, when: 3, why: 4, how: 1.5 });
  const words = {
    where: ['where', 'où'],
    when: ['when', 'quand'],
    why: ['why', 'pourquoi'],
    how: ['how', 'comment'],
  }[kind];
  const made = asking(c, {
    short: true,
    tense: c.one(kind === 'when' ? { past: 4, future: 4, near: 2, should: 1 } : kTenses),
  });
  const { spec } = made;
  if (spec.chain.length > 0 && kind !== 'why') return whQuestion(c);
  if (kind === 'where') {
    const [slot] = spec.verb.slots;
    if (spec.verb.slots.some(({ place }) => place)) {
      if (!['at', 'in', 'goal'].includes(slot.place)) return whQuestion(c);
      spec.after = [];
    } else if (spec.verb.places.length === 0) return whQuestion(c);
    spec.after = [];
  }
  if ((kind === 'when' || kind === 'how') && (spec.verb.state || spec.verb.slots.length > 1))
    return whQuestion(c);
  if (kind === 'how' && (spec.verb.point || spec.verb.places.length === 0 || spec.verb.slots.length === 0))
    return whQuestion(c);
  if (kind === 'when') spec.after = spec.verb.slots.some(({ place }) => place) ? spec.after : [];
  made.time = undefined;
  return finished(c, made, { en: [words[0]], fr: [words[1]] });
}

/** "What are you eating?", "Who did you see?" */
function objectQuestion(c) {
  const made = asking(c, { short: true });
  const { spec } = made;
  const slots = spec.verb.slots;
  if (slots.length !== 1 || slots[0].place || slots[0].french || ['own', 'my', 'the'].includes(slots[0].mode))
    return objectQuestion(c);
  const human = ['person', 'loved', 'kin'].includes(slots[0].kind);
  if (
    spec.verb.reflexive ||
    (!human && ['kinone', 'illness', 'exam', 'language', 'sport'].includes(slots[0].kind))
  )
    return objectQuestion(c);
  spec.objects = [{ en: [], fr: [] }];
  spec.within = [];
  const asked = human
    ? { en: ['who'], fr: ['qui'] }
    : { en: ['what'], fr: ['que'], whole: ["qu'est-ce que"] };
  return finished(c, made, asked);
}

/** "How many books do you have?", "Which book do you want?" */
function whichQuestion(c) {
  const made = asking(c, { short: true });
  const { spec } = made;
  const slots = spec.verb.slots;
  if (slots.length !== 1 || slots[0].place || slots[0].french || !['any', 'def'].includes(slots[0].mode))
    return whichQuestion(c);
  const noun = c.pick(nounsOf(slots[0].kind));
  if (
    noun.city ||
    noun.mass ||
    noun.plural ||
    noun.unique ||
    noun.topic === 'kin' ||
    ['kinone', 'illness', 'person', 'exam', 'birthday'].includes(slots[0].kind)
  )
    return whichQuestion(c);
  const many = slots[0].mode === 'any' && c.chance(0.5);
  const plural = many || c.chance(0.2);
  const phrase = nounPhrase(noun, { det: { kind: 'none' }, plural });
  spec.objects = [{ en: [], fr: [] }];
  spec.within = [];
  spec.antecedent = { feminine: phrase.feminine, plural };
  const which = { m: 'quel', f: 'quelle', mp: 'quels', fp: 'quelles' }[
    (phrase.feminine ? 'f' : 'm') + (plural ? 'p' : '')
  ];
  const asked = many
    ? { en: ['how', 'many', ...phrase.en], fr: ['combien', 'de', ...phrase.fr] }
    : { en: ['which', ...phrase.en], fr: [which, ...phrase.fr] };
  return finished(c, made, asked);
}

/** "Who is sleeping?" */
function subjectQuestion(c) {
  const subject = {
    en: ['who'],
    fr: ['qui'],
    person: 3,
    plural: false,
    englishPlural: false,
    feminine: false,
    owner: 'my',
  };
  const made = deed(c, {
    who: 'person',
    subject,
    negation: false,
    tense: c.one({ present: 4, progressive: 5, past: 6, future: 3, can: 2 }),
  });
  made.spec.contracted = false;
  made.spec.frequency = undefined;
  const words = clause(made.spec);
  return sentence(
    made.time ? { en: [...words.en, ...made.time.en], fr: [...words.fr, ...made.time.fr] } : words,
    '?',
  );
}

/** "Is the door open?", "Are you tired?" */
function isItSo(c) {
  const subject = c.chance(0.45) ? thing(c) : subjectFor(c);
  const after =
    c.chance(0.2) && !subject.noun ? undefined : [predicate(c, predicateFor(c, subject), subject)];
  if (!after && subject.pronoun) {
    const asked = c.pick(['home', 'school', 'at', 'abroad']);
    return sentence(
      clause({
        subject,
        verb: be,
        tense: c.pick(['present', 'past']),
        question: true,
        after: [c.place(asked)],
      }),
      '?',
    );
  }
  if (!after) return isItSo(c);
  const opens = c.chance(0.12) ? { en: ['why'], fr: ['pourquoi'] } : undefined;
  return sentence(
    clause({
      subject,
      verb: be,
      tense: c.one({ present: 6, past: 1.5 }),
      question: true,
      asked: opens,
      after,
    }),
    '?',
  );
}

function areYouHungry(c) {
  const subject = c.pick([pronouns.you, pronouns.you, pronouns.he, pronouns.she, pronouns.they]);
  const [en, fr] = c.pick(kFeelings.filter(([word]) => !['right', 'wrong', 'lucky'].includes(word)));
  const link = {};
  return sentence(
    clause({
      subject,
      verb: { ...be, fr: conjugate('avoir') },
      question: true,
      after: [{ en: [{ text: en, link }], fr: [{ text: fr, link }] }],
    }),
    '?',
  );
}

/** "Where is the station?" */
function whereIs(c) {
  const person = c.chance(0.3);
  const subject = person
    ? c.person({ pronoun: false })
    : thing(c, [
        'building',
        'building',
        'thing',
        'text',
        'clothes',
        'vehicle',
        'room',
        'pet',
        'fruit',
        'machine',
      ]);
  if (subject.spoken || subject.det === 'a' || subject.det === 'every') return whereIs(c);
  const past = c.chance(0.15);
  const verb = past
    ? [subject.englishPlural ? 'were' : 'was', subject.plural ? 'étaient' : 'était']
    : [subject.englishPlural ? 'are' : 'is', subject.plural ? 'sont' : 'est'];
  const en = !past && !subject.englishPlural && c.chance(0.2) ? ["where's"] : ['where', verb[0]];
  return sentence({ en: [...en, ...subject.en], fr: ['où', verb[1], ...subject.fr] }, '?');
}

/** Questions with "be" about a thing's colour, price, age; who and how somebody is. */
function aboutThing(c) {
  const kind = c.one({ colour: 3, price: 3, how: 2, who: 2, age: 3, when: 1.5, what: 1.5 });
  const link = {};
  if (kind === 'colour') {
    const subject = thing(c, ['clothes', 'vehicle', 'furniture', 'thing'], { share: 0 });
    const be_ = [subject.englishPlural ? 'are' : 'is', subject.plural ? 'sont' : 'est'];
    return sentence(
      {
        en: ['what', { text: 'color', link }, be_[0], ...subject.en],
        fr: ['de', 'quelle', { text: 'couleur', link }, be_[1], ...subject.fr],
      },
      '?',
    );
  }
  if (kind === 'price') {
    const subject = thing(c, ['clothes', 'vehicle', 'furniture', 'thing', 'fruit', 'machine'], {
      share: 0.2,
    });
    const [does, costs] = [subject.englishPlural ? 'do' : 'does', subject.plural ? 'coûtent' : 'coûte'];
    return sentence(
      {
        en: ['how', 'much', does, ...subject.en, { text: 'cost', link }],
        fr: ['combien', { text: costs, link }, ...subject.fr],
      },
      '?',
    );
  }
  const subject = c.person({ pronoun: false });
  if (subject.spoken || subject.det === 'a' || subject.det === 'every') return aboutThing(c);
  const are = subject.englishPlural ? 'are' : 'is';
  if (kind === 'how')
    return sentence(
      { en: ['how', are, ...subject.en], fr: ['comment', subject.plural ? 'vont' : 'va', ...subject.fr] },
      '?',
    );
  if (kind === 'who') {
    const noun = c.pick([...nouns.man, ...nouns.woman, ...nouns.child]);
    const plural = c.chance(0.3);
    const phrase = nounPhrase(noun, {
      det: { kind: c.pick(['this', 'that', 'the']) },
      plural,
      adjectives: c.attributes(noun, 0.3),
    });
    return sentence(
      {
        en: ['who', plural ? 'are' : 'is', ...phrase.en],
        fr: ['qui', plural ? 'sont' : 'est', ...phrase.fr],
      },
      '?',
    );
  }
  if (kind === 'what') {
    const owner = c.pick([
      ['your', 'votre'],
      ['his', 'son'],
      ['her', 'son'],
    ]);
    const [en, fr, f] = c.pick([
      ['address', 'adresse', true],
      ['job', 'métier'],
      ['phone number', 'numéro de téléphone'],
      ['favorite color', 'couleur préférée', true],
      ['favorite book', 'livre préféré'],
      ['favorite animal', 'animal préféré'],
      ['opinion', 'avis'],
      ['decision', 'décision', true],
      ['problem', 'problème'],
    ]);
    const det = owner[1] === 'son' && f ? 'SA' : owner[1];
    return sentence(
      {
        en: ['what', 'is', owner[0], { text: en, link }],
        fr: [f ? 'quelle' : 'quel', 'est', det, { text: fr, link }],
      },
      '?',
    );
  }
  if (kind === 'when') {
    const event = thing(c, ['event'], { share: 0, plural: false });
    return sentence({ en: ['when', 'is', ...event.en], fr: ['quand', 'est', ...event.fr] }, '?');
  }
  if (subject.englishPlural) return aboutThing(c);
  const pronoun = c.chance(0.4) ? c.pick([pronouns.you, pronouns.he, pronouns.she]) : undefined;
  const who = pronoun ?? subject;
  const verb = { ...be, fr: conjugate('avoir') };
  return ageQuestion(who, verb);
}

/** "How old is Anna?": "Quel âge a Anna ?" */
function ageQuestion(subject, verb) {
  const words = clause({ subject, verb, question: true, asked: { en: ['how', 'old'], fr: ['quel', 'âge'] } });
  if (subject.pronoun) return sentence(words, '?');
  return sentence({ en: words.en, fr: ['quel', 'âge', 'a', ...subject.fr] }, '?');
}

/** "Would you like some coffee?" */
function offer(c) {
  const noun = c.pick(nounsOf(c.pick(['drink', 'meal', 'fruit'])));
  const plural = noun.plural || (!noun.mass && c.chance(0.3));
  const phrase = nounPhrase(noun, { det: { kind: noun.mass || plural ? 'some' : 'a' }, plural });
  const link = {};
  return sentence(
    {
      en: ['would', 'you', { text: 'like', link }, ...phrase.en],
      fr: [{ text: 'voudriez', link }, '-vous', ...phrase.fr],
    },
    '?',
  );
}

export const questions = [
  { weight: 24, make: yesNo },
  { weight: 14, make: whQuestion },
  { weight: 12, make: objectQuestion },
  { weight: 9, make: whichQuestion },
  { weight: 7, make: subjectQuestion },
  { weight: 14, make: isItSo },
  { weight: 1, make: areYouHungry },
  { weight: 7, make: whereIs },
  { weight: 9, make: aboutThing },
  { weight: 3, make: offer },
];
