// Sentences of two clauses: because, when, if, but, and, so, who, that. "I am tired because I worked a lot."

import { be, clause, genderOf } from '../clause.mjs';
import { conjugate } from '../conjugation.mjs';
import { deed, sentence, verbFor } from '../deeds.mjs';
import { adjectives, chains, manners, nouns, nounsOf, verbs } from '../lexicon.mjs';
import { nounPhrase, objectFor, pronouns, subjectPronoun } from '../noun-phrase.mjs';
import { comparative, hasFeeling, opposed, predicate, predicateFor, thing } from './descriptions.mjs';
import { weatherClause } from './weather.mjs';

/** The pronoun for a person who was just spoken of: "Anna ... she". */
export function again(subject) {
  if (subject.pronoun) return subject;
  if (subject.spoken) return { ...pronouns.we, english: 'we', owner: 'our' };
  const pronoun = subjectPronoun(subject, subject.english);
  return { ...pronoun, owner: subject.owner };
}

const join = (a, english, b, french) => ({
  en: [...a.en, ...english, ...b.en],
  fr: [...a.fr, ...french, ...b.fr],
});

export function feelingClause(c, subject, tense) {
  if (c.chance(0.2)) return hasFeeling(c, subject, tense);
  const adjective = c.pick(adjectives.mood);
  return clause({
    subject,
    verb: be,
    tense,
    contracted: c.chance(0.2),
    after: [predicate(c, adjective, subject, { degree: c.chance(0.2) })],
  });
}

function words(c, fixed) {
  const made = deed(c, { who: 'person', short: true, loose: false, ...fixed });
  return clause(made.spec);
}

/** A verb of the people's, by its English and, if it matters, what it acts on. */
function verbLike(c, pattern) {
  const list = verbs.person.filter(({ en, particle, slots }) =>
    pattern.test([en, ...particle, ...slots.map(({ kind }) => (kind ? `<${kind}>` : '['))].join(' ')),
  );
  return c.pick(list);
}

const feels = (c, subject, tense, names, degree = c.chance(0.2)) => {
  const adjective = c.pick(adjectives.feeling.filter(({ en }) => names.includes(en)));
  return clause({
    subject,
    verb: be,
    tense,
    contracted: c.chance(0.2),
    after: [predicate(c, adjective, subject, { degree })],
  });
};

/** Feelings with what makes them: verbs, and whether it was not done. */
const kMade = [
  {
    names: ['tired', 'exhausted'],
    verbs: /^(work|run|walk|dance|swim|travel|clean|tidy|study|carry|build|cook$|wash <ware>)/,
  },
  { names: ['tired', 'exhausted', 'sick'], verbs: /^(sleep|rest|have breakfast)/, not: true },
  {
    names: ['happy', 'satisfied', 'proud', 'relieved'],
    verbs:
      /^(buy|find|receive|finish|pass|solve|meet|visit|see <person>|see <place>|sell|build|win|write|make <baked>|catch|understand)/,
  },
  {
    names: ['sad', 'angry', 'disappointed', 'worried', 'furious'],
    verbs: /^(lose|forget|break|miss|make <mistake>|sell)/,
  },
  {
    names: ['sad', 'disappointed', 'worried', 'angry'],
    verbs: /^(receive|find|pass|sleep|understand|see <person>|finish|have <money>|buy|visit <kin>)/,
    not: true,
  },
];
/** Feelings with what comes of them. */
const kResults = [
  {
    names: ['tired', 'exhausted'],
    verbs: /^(sleep|go to bed|rest|go home|sit down|take a bath|stay at home)/,
  },
  {
    names: ['tired', 'exhausted', 'sick', 'busy', 'worried', 'late'],
    verbs:
      /^(work|dance|go \[|play|travel|cook|run|swim|go out|study|do the|watch|eat|read|visit|sing|have breakfast|have dinner)/,
    not: true,
  },
  { names: ['happy', 'relieved'], verbs: /^(sing|dance|laugh|smile|whistle|kiss|thank|invite|celebrate)/ },
  { names: ['sad', 'disappointed'], verbs: /^(cry|go home|stay at home|call|phone|write)/ },
  { names: ['angry', 'furious'], verbs: /^(shout|leave <|go home|close|break|throw)/ },
  { names: ['sick'], verbs: /^(stay at home|go to bed|sleep|call|rest|phone)/ },
  { names: ['late'], verbs: /^(hurry|run|take <carrier>|miss|get dressed)/ },
  {
    names: ['bored', 'free', 'alone'],
    verbs: /^(read|watch|listen to <sound>|go for a walk|play|draw|call|sing|visit)/,
  },
];
const kHungry = {
  hungry: ['faim', /^(eat|have lunch|have dinner|order|prepare <mealtime>|buy <food>|cook <|make <baked>)/],
  thirsty: ['soif', /^(drink)/],
  sleepy: ['sommeil', /^(go to bed|sleep)/],
};

/** Somebody's feeling and what comes of it: two functions of a tense. */
function consequence(c, _subject) {
  if (c.chance(0.25)) {
    const en = c.pick(Object.keys(kHungry));
    const [fr, pattern] = kHungry[en];
    const link = {};
    const state = (who, tense) =>
      clause({
        subject: who,
        verb: { ...be, fr: conjugate('avoir') },
        tense,
        after: [{ en: [{ text: en, link }], fr: [{ text: fr, link }] }],
      });
    return {
      state,
      deed: (who, tense) => words(c, { subject: who, tense, negation: false, verb: verbLike(c, pattern) }),
    };
  }
  const { names, verbs: pattern, not } = c.pick(kResults);
  return {
    state: (who, tense) => feels(c, who, tense, names),
    deed: (who, tense) =>
      words(c, { subject: who, tense, negation: not ? 'not' : false, verb: verbLike(c, pattern) }),
  };
}

const kIndoors =
  /^(stay at home|read|watch television|watch <show>|cook|sleep|listen to <sound>|close|put on|do the dishes|drink|take <carrier>)/;
const kOutdoors =
  /^(go for a walk|run|walk|swim|travel|play$|go \[|ride|take a walk|climb|play <sport>|leave for)/;

function weatherAndDeed(c, subject, tense) {
  const bad = c.chance(0.7);
  const negated = bad && c.chance(0.5);
  const verb = verbLike(c, bad && !negated ? kIndoors : kOutdoors);
  const state = tense === 'past' || tense === 'pastProgressive' ? 'past' : 'present';
  const weather = weatherClause(c, state, {
    only: bad ? ['cold', 'windy', 'foggy', 'rain', 'snow', 'dark'] : ['hot', 'warm', 'sunny'],
    progressive: true,
  });
  return { weather, deed: words(c, { subject, tense, negation: negated ? 'not' : false, verb }) };
}

/** "want to go", "have to work": reasons for anything. */
function aim(c, subject, tense) {
  const chain = c.pick(chains.filter(({ en }) => /^(want|have)$/.test(en)));
  const made = deed(c, { who: 'person', subject, tense: 'near', negation: false, short: true, loose: false });
  return clause({ ...made.spec, tense, chain: [chain], contracted: false });
}

function because(c) {
  const subject = c.person();
  const kind = c.one({ feeling: 4, result: 4, weather: 2, aim: 0.7 });
  if (subject.det === 'every') return because(c);
  if (kind === 'feeling') {
    const { names, verbs: pattern, not } = c.pick(kMade);
    const tense = c.pick(['present', 'past']);
    const lot = /^(travel|work|dance|walk|run|swim|study)/;
    const verb = verbLike(c, pattern);
    const made = deed(c, {
      who: 'person',
      short: true,
      loose: false,
      subject: again(subject),
      verb,
      tense: tense === 'present' ? c.pick(['past', 'past', 'perfect']) : 'pluperfect',
      negation: not ? 'not' : false,
    });
    if (!not && lot.test(verb.en) && verb.slots.length === 0)
      made.spec.within = [c.pick(manners.lot.filter(({ en }) => en !== 'a little'))];
    return sentence(join(feels(c, subject, tense, names), ['because'], clause(made.spec), ['parce que']));
  }
  const tense = c.one({ present: 2, past: 4, progressive: 2, near: 1 });
  const state = tense === 'past' ? 'past' : 'present';
  if (kind === 'weather') {
    const { weather, deed: did } = weatherAndDeed(c, subject, tense);
    return sentence(join(did, ['because'], weather, ['parce que']));
  }
  if (kind === 'aim') {
    const verb = verbLike(
      c,
      /^(go \[|buy|learn|study|take <carrier>|leave|hurry|get up|wait|call|phone|stay|visit|look for|come back|work|go home|arrive)/,
    );
    const did = words(c, { subject, tense, negation: false, verb });
    return sentence(join(did, ['because'], aim(c, again(subject), state), ['parce que']));
  }
  const { state: reason, deed: did } = consequence(c, subject);
  return sentence(join(did(subject, tense), ['because'], reason(again(subject), state), ['parce que']));
}

const kMoments =
  /^(arrive|come back|leave|go home|call|phone|finish|wake up|get up|go out|find|receive|enter)/;

/** "When he comes, we will eat": the future twice in French. */
function when(c) {
  const [a, b] = [c.person(), c.person()];
  const kind = c.one({ future: 4, past: 4, present: 3 });
  if (a.spoken || b.spoken) return when(c);
  const second = c.chance(0.3) ? again(a) : b;
  let first;
  let main;
  if (kind === 'future') {
    first = twice(
      deed(c, {
        who: 'person',
        subject: a,
        short: true,
        loose: false,
        tense: 'future',
        negation: false,
        verb: verbLike(c, kMoments),
      }).spec,
    );
    main = words(c, { subject: second, tense: 'future', negation: c.chance(0.1) ? 'not' : false });
  } else if (kind === 'past') {
    first = words(c, { subject: a, tense: 'past', negation: false, verb: verbLike(c, kMoments) });
    main = words(c, { subject: b, tense: 'pastProgressive', negation: false });
    if (a.english === b.english && a.pronoun) return when(c);
  } else if (c.chance(0.5)) {
    const made = consequence(c, a);
    first = made.state(a, 'present');
    main = made.deed(again(a), 'present');
  } else {
    const made = weatherAndDeed(c, a, 'present');
    [first, main] = [made.weather, made.deed];
  }
  if (c.chance(0.5)) {
    return sentence({
      en: ['when', ...first.en, ',', ...main.en],
      fr: ['quand', ...first.fr, ',', ...main.fr],
    });
  }
  return sentence(join(main, ['when'], first, ['quand']));
}

/** A clause whose English is in the present and whose French is in the future. */
function twice(spec) {
  const link = {};
  const now = clause({ ...spec, link, tense: 'present', contracted: false });
  const later = clause({ ...spec, link, tense: 'future', contracted: false });
  return { en: now.en, fr: later.fr };
}

/** "If it rains, I will stay at home.", "If I had money, I would buy a car." */
function ifSo(c) {
  const a = c.person();
  if (a.spoken || a.det === 'every') return ifSo(c);
  const kind = c.one({ unreal: 3, weather: 3, feeling: 3, deed: 2 });
  let first;
  let main;
  if (kind === 'unreal') {
    const have = verbs.person.filter(
      ({ en, slots }) => en === 'have' && ['vehicle', 'owned', 'money'].includes(slots[0]?.kind),
    );
    const made = deed(c, {
      who: 'person',
      subject: a,
      short: true,
      loose: false,
      tense: 'past',
      negation: false,
      verb: c.pick(have),
    });
    first = clause({ ...made.spec, contracted: false });
    main = words(c, {
      subject: again(a),
      tense: 'conditional',
      negation: false,
      verb: verbLike(
        c,
        /^(buy|travel|visit|go \[|help|learn|play|rest|go for|go out|invite|work|leave for|give|sing|build)/,
      ),
    });
  } else if (kind === 'weather') {
    const made = weatherAndDeed(c, a, 'future');
    [first, main] = [made.weather, made.deed];
  } else if (kind === 'feeling') {
    const made = consequence(c, a);
    first = made.state(a, 'present');
    main = made.deed(again(a), c.chance(0.8) ? 'future' : 'near');
  } else {
    const b = c.person();
    if (b.spoken || (a.pronoun && a.english === b.english)) return ifSo(c);
    first = words(c, {
      subject: a,
      tense: 'present',
      negation: c.chance(0.3) ? 'not' : false,
      verb: verbLike(
        c,
        /^(sell|buy|come|arrive|leave|work|study|help|call|lose|forget|break|find|make|sleep|finish|win|invite|wait|shout|sing)/,
      ),
    });
    main = words(c, { subject: b, tense: 'future', negation: c.chance(0.25) ? 'not' : false });
  }
  if (c.chance(0.6))
    return sentence({ en: ['if', ...first.en, ',', ...main.en], fr: ['si', ...first.fr, ',', ...main.fr] });
  return sentence(join(main, ['if'], first, ['si']));
}

/** "The car is new but it is dirty.": the pronoun has the noun's gender. */
function thingBut(c) {
  const subject = thing(c, undefined, { share: 0 });
  const a = predicateFor(c, subject);
  const b = predicateFor(c, subject);
  if (a.en === b.en || a.forms.m === b.forms.m || opposed(a, b)) return thingBut(c);
  const tense = c.chance(0.8) ? 'present' : 'past';
  const it = subjectPronoun(subject);
  const [first, second] = [
    clause({ subject, verb: be, tense, after: [predicate(c, a, subject)] }),
    clause({
      subject: it,
      verb: be,
      tense,
      contracted: c.chance(0.15),
      negation: c.chance(0.2) ? 'not' : undefined,
      after: [predicate(c, b, subject, { degree: false })],
    }),
  ];
  const comma = c.chance(0.5) ? [','] : [];
  const word = c.pick([
    ['but', 'mais'],
    ['and', 'et'],
    ['and', 'et'],
  ]);
  return sentence(
    join(
      first,
      word[0] === 'but' ? [...comma, 'but'] : ['and'],
      second,
      word[0] === 'but' ? [',', 'mais'] : ['et'],
    ),
  );
}

/** "The door is open, but the window is closed.", "My mother is tall, but my father is short." */
function contrast(c) {
  if (c.chance(0.3)) {
    const [x, y] = c.random.shuffled(nouns.part.filter(({ en }) => /door|window|gate/.test(en)));
    const [a, b] = c.random.shuffled(adjectives.open);
    const make = (noun, adjective) => {
      const subject = nounPhrase(noun, {
        det: { kind: c.chance(0.8) ? 'the' : 'my' },
        plural: c.chance(0.2),
        adjectives: c.chance(0.15) ? [c.pick(adjectives.colour)] : [],
      });
      return clause({ subject, verb: be, after: [predicate(c, adjective, subject, { degree: false })] });
    };
    return sentence(join(make(x, a), [',', 'but'], make(y, b), [',', 'mais']));
  }
  const [x, y] = [c.person(), c.person()];
  if (
    x.spoken ||
    y.spoken ||
    x.en[0] === y.en[0] ||
    x.det === 'every' ||
    (y.pronoun && !x.pronoun && y.english === x.english)
  )
    return contrast(c);
  if (c.chance(0.4))
    return sentence(
      join(feelingClause(c, x, 'present'), [',', 'but'], feelingClause(c, y, 'present'), [',', 'mais']),
    );
  const tense = c.pick(['past', 'past', 'present', 'future']);
  const verb = verbFor(c, 'person', tense);
  const second = verb.slots.some(({ mode }) => mode === 'any' || mode === 'def' || mode === 'gen')
    ? c.chance(0.4)
    : true;
  return sentence(
    join(
      words(c, { subject: x, tense, negation: false, verb }),
      [',', 'but'],
      words(c, { subject: y, tense, negation: second ? 'not' : false, verb }),
      [',', 'mais'],
    ),
  );
}

/** "He likes cats, but she prefers dogs"; "I wanted to sleep, but I had to work." */
function wanted(c) {
  const subject = c.person();
  if (subject.spoken || subject.det === 'every') return wanted(c);
  const first = deed(c, {
    who: 'person',
    subject,
    tense: 'pastChain',
    negation: false,
    short: true,
    loose: false,
  });
  if (first.spec.tense !== 'past') return wanted(c);
  if (!/^(want|hope|try|like|decide|promise|need)$/.test(first.spec.chain[0].en)) return wanted(c);
  const second = c.chance(0.6)
    ? feels(c, again(subject), 'past', ['tired', 'sick', 'busy', 'late', 'exhausted', 'nervous', 'lost'])
    : aim(c, again(subject), 'past');
  return sentence(join(clause(first.spec), [',', 'but'], second, [',', 'mais']));
}

/** "I am hungry, so I will eat an apple." */
function so(c) {
  const subject = c.person();
  if (subject.det === 'every') return so(c);
  const past = c.chance(0.4);
  const made = consequence(c, subject);
  const first = made.state(subject, past ? 'past' : 'present');
  const second = made.deed(again(subject), past ? 'past' : c.pick(['future', 'near']));
  return sentence(join(first, [',', 'so'], second, [',', 'donc']));
}

/** "The man who sells bread is kind.", "I know a woman who speaks French." */
function who(c) {
  const noun = c.pick(nounsOf(c.pick(['man', 'woman', 'child', 'folk', 'job'])));
  const plural = c.chance(0.25);
  const person = nounPhrase(noun, { det: { kind: 'the' }, plural, adjectives: c.attributes(noun, 0.15) });
  const relative = {
    ...person,
    en: ['who'],
    fr: ['qui'],
    owner: plural ? 'their' : person.feminine ? 'her' : 'his',
  };
  const inner = words(c, {
    subject: relative,
    tense: c.pick(['present', 'progressive', 'past', 'past']),
    negation: c.chance(0.12) ? 'not' : false,
  });
  const subject = { ...person, en: [...person.en, ...inner.en], fr: [...person.fr, ...inner.fr] };
  if (c.chance(0.4)) {
    const opener = c.pick([pronouns.I, pronouns.we, pronouns.he, pronouns.she]);
    const open = deed(c, {
      who: 'person',
      subject: { ...opener, owner: 'my' },
      short: true,
      negation: false,
      tense: c.pick(['past', 'present']),
      verb: c.pick(seeing(c)),
      loose: false,
    });
    open.spec.objects = [{ en: subject.en, fr: subject.fr }];
    return sentence(clause(open.spec));
  }
  const adjective = c.pick(adjectives[c.pick(['character', 'figure', 'feeling'])]);
  if (c.chance(0.5))
    return sentence(
      clause({
        subject,
        verb: be,
        tense: c.pick(['present', 'present', 'past']),
        after: [predicate(c, adjective, person, { degree: c.chance(0.2) })],
      }),
    );
  return sentence(
    clause(
      deed(c, {
        who: 'person',
        subject: {
          ...subject,
          english: plural ? 'they' : person.feminine ? 'she' : 'he',
          owner: relative.owner,
        },
        short: true,
        tense: c.pick(['present', 'progressive', 'past', 'future']),
        loose: false,
      }).spec,
    ),
  );
}
const kSeeing = /^(know|see|meet|help|thank|follow|invite|wait|look)$/;
const seeing = (c) => {
  for (;;) {
    const verb = c.verb('person');
    if (kSeeing.test(verb.en) && verb.slots.length === 1 && verb.slots[0].kind === 'person') return [verb];
  }
};

/** "The letter that I wrote is long.": the participle agrees with what stands before. */
function that(c) {
  for (;;) {
    const subject = c.person();
    if (subject.spoken || subject.det === 'every' || subject.det === 'a') continue;
    const made = deed(c, {
      who: 'person',
      subject,
      tense: c.pick(['past', 'past', 'past', 'present', 'perfect', 'progressive']),
      negation: false,
      short: true,
      loose: false,
    });
    const { spec } = made;
    const { slots } = spec.verb;
    if (
      slots.length !== 1 ||
      slots[0].place ||
      slots[0].french ||
      !['any', 'def'].includes(slots[0].mode) ||
      spec.verb.reflexive ||
      spec.chain.length > 0
    )
      continue;
    if (/kinone|illness|money|exam|food|water|abstract|birthday|person|kin/.test(slots[0].kind)) continue;
    const noun = c.pick(nounsOf(slots[0].kind));
    if (
      noun.city ||
      noun.unique ||
      noun.topic === 'kin' ||
      (noun.mass && ['other', 'nature'].includes(noun.topic))
    )
      continue;
    const plural = !noun.mass && c.chance(0.25);
    const thingPhrase = nounPhrase(noun, {
      det: { kind: 'the' },
      plural,
      adjectives: c.attributes(noun, 0.15),
    });
    spec.objects = [{ en: [], fr: [] }];
    spec.within = [];
    spec.frequency = undefined;
    spec.antecedent = { feminine: thingPhrase.feminine, plural: thingPhrase.plural };
    const inner = clause(spec);
    const word = c.chance(0.75) ? ['that'] : [];
    const whole = {
      ...thingPhrase,
      en: [...thingPhrase.en, ...word, ...inner.en],
      fr: [...thingPhrase.fr, 'que', ...inner.fr],
    };
    if (c.chance(0.35)) {
      const opens = c.pick([
        ['where', 'où'],
        ['this', 'ce'],
        ['that', 'ce'],
      ]);
      const many = whole.englishPlural;
      const be2 = [many ? 'are' : 'is', whole.plural ? 'sont' : 'est'];
      if (opens[0] === 'where')
        return sentence({ en: ['where', be2[0], ...whole.en], fr: ['où', be2[1], ...whole.fr] }, '?');
      return sentence({
        en: [many ? { this: 'these', that: 'those' }[opens[0]] : opens[0], be2[0], ...whole.en],
        fr: ['ce', be2[1], ...whole.fr],
      });
    }
    return sentence(
      clause({
        subject: whole,
        verb: be,
        tense: c.pick(['present', 'present', 'past']),
        after: [predicate(c, predicateFor(c, thingPhrase), thingPhrase)],
      }),
    );
  }
}

const kSaying = [
  ['think', 'penser'],
  ['know', 'savoir'],
  ['say', 'dire'],
  ['hope', 'espérer'],
  ['believe', 'croire'],
];
/** "She thinks that the house is too small." */
function saying(c) {
  const subject = c.person();
  if (subject.spoken) return saying(c);
  const [en, fr] = c.pick(kSaying);
  const verb = { en, particle: [], fr: conjugate(fr), own: [], slots: [], state: true };
  const inner = c.chance(0.5)
    ? (() => {
        const it = thing(c);
        return clause({ subject: it, verb: be, after: [predicate(c, predicateFor(c, it), it)] });
      })()
    : words(c, { subject: c.person(), tense: c.pick(['present', 'progressive', 'past', 'future']) });
  const first = clause({ subject, verb });
  return sentence(join(first, c.chance(0.7) ? ['that'] : [], inner, ['que']));
}

const kFirst =
  /^(buy|find|choose|borrow|order|receive|open|wash <ware>|repair|catch|carry|look for|see <animal>)/;
const kThen =
  /^(give|show|sell|lend|read|eat|forget|lose|hide|use|wear|put on|put|close|send|translate|finish|break|look at|feed|cut|carry|follow|repair|wash)/;

/** "I saw the table and I bought it." */
function thenIt(c) {
  for (;;) {
    const subject = c.person();
    if (subject.spoken || subject.det === 'every') continue;
    const made = deed(c, {
      who: 'person',
      subject,
      tense: 'past',
      negation: false,
      short: true,
      loose: false,
      verb: verbLike(c, kFirst),
    });
    const { slots } = made.spec.verb;
    const [object] = made.spec.objects;
    if (
      slots.length !== 1 ||
      slots[0].place ||
      slots[0].french ||
      made.spec.verb.state ||
      !object?.noun ||
      ['own', 'article', 'the', 'my', 'bare'].includes(slots[0].mode) ||
      ['person', 'kinone'].includes(slots[0].kind)
    )
      continue;
    if (object.noun.topic === 'kin' || object.noun.mass || object.noun.topic === 'job') continue;
    const second = deed(c, {
      who: 'person',
      subject: again(subject),
      tense: 'past',
      negation: false,
      short: true,
      loose: false,
      verb: verbLike(c, kThen),
    });
    const other = second.spec.verb;
    if (
      other.key === made.spec.verb.key ||
      other.fr.infinitive === made.spec.verb.fr.infinitive ||
      other.slots.length === 0 ||
      other.slots[0].place ||
      other.slots[0].french ||
      other.state
    )
      continue;
    if (
      !nounsOf(other.slots[0].kind).includes(object.noun) ||
      ['own', 'the', 'my', 'plural', 'thes'].includes(other.slots[0].mode)
    )
      continue;
    second.spec.objects = [objectFor(object), ...second.spec.objects.slice(1)];
    made.spec.contracted = false;
    return sentence(join(clause(made.spec), ['and'], clause(second.spec), ['et']));
  }
}

/** "My car is old, but yours is new" is too far; "I am tall, but my brother is taller than me." */
function taller(c) {
  const subject = c.person();
  const other = c.chance(0.5) ? c.name() : c.kin(subject.owner);
  const adjective = c.pick(adjectives.character.filter(({ en }) => en !== 'jealous'));
  if (subject.spoken) return taller(c);
  const first = clause({ subject, verb: be, after: [predicate(c, adjective, subject, { degree: false })] });
  const more = comparative(adjective, genderOf(other), 'more');
  const last = (words_) => words_.slice(0, -1);
  return sentence(
    join(
      first,
      [',', 'but'],
      { en: [...other.en, 'is', ...last(more.en)], fr: [...other.fr, 'est', ...last(more.fr)] },
      [',', 'mais'],
    ),
  );
}

export const joined = [
  { weight: 16, make: because },
  { weight: 15, make: when },
  { weight: 12, make: ifSo },
  { weight: 14, make: thingBut },
  { weight: 8, make: contrast },
  { weight: 5, make: wanted },
  { weight: 6, make: so },
  { weight: 9, make: who },
  { weight: 9, make: that },
  { weight: 8, make: saying },
  { weight: 7, make: thenIt },
  { weight: 1.5, make: taller },
];
