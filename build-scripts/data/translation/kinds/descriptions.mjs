// How things and people are, what they are, where they are: "The black horse is faster than the white horse."

import { compared } from '../../everyday/morphology.mjs';
import { ownable } from '../choices.mjs';
import { be, clause, genderOf } from '../clause.mjs';
import { conjugate } from '../conjugation.mjs';
import { sentence } from '../deeds.mjs';
import { agree, englishNumber, frenchNumber } from '../forms.mjs';
import { adjectives, containers, locations, nouns, nounsOf, numbers, positions } from '../lexicon.mjs';
import { both, nounPhrase, owned, pronouns } from '../noun-phrase.mjs';
import { linkOf, textOf } from '../writing.mjs';

const kThings = [
  'pet',
  'farm',
  'wild',
  'fruit',
  'vegetable',
  'meal',
  'drink',
  'clothes',
  'vehicle',
  'carrier',
  'furniture',
  'machine',
  'thing',
  'text',
  'show',
  'room',
  'building',
  'place',
  'part',
  'abstract',
  'event',
  'growing',
];
const kTenses = { present: 14, past: 4, future: 1.2 };

/** A thing as a subject. */
export function thing(c, topics = kThings, { share = 0.15, plural = c.chance(0.22) } = {}) {
  const noun = c.pick(nounsOf(c.pick(topics)));
  const det = noun.unique
    ? 'the'
    : c.one({
        the: 8,
        this: noun.mass ? 0 : 1.5,
        that: noun.mass ? 0 : 0.7,
        ...(ownable(noun) ? { my: 2, your: 1, his: 0.6, her: 0.6, our: 0.7, their: 0.5, owned: 0.8 } : {}),
        all: plural && !noun.mass ? 0.6 : 0,
      });
  const options = { plural: plural && !noun.mass && !noun.unique, adjectives: c.attributes(noun, share) };
  if (det === 'owned') return owned(noun, c.ownerPhrase(), options);
  return nounPhrase(noun, { ...options, det: { kind: det } });
}

/** What there may be too much or a little of. */
const kExcess =
  /^(big|small|large|heavy|light|expensive|long|short|hot|cold|sweet|salty|spicy|bitter|noisy|slow|fast|difficult|old|young|tired|late|fat|narrow|thin|wide|thick|dangerous|strict|shy|tall|quiet|dirty|sad|worried|nervous|complicated|dark|lazy|selfish|jealous|strange|boring)$/;

/** An adjective as a predicate, with "very" and the like. */
export function predicate(c, adjective, subject, { degree = c.chance(0.25) } = {}) {
  const link = {};
  if (
    isColour(adjective) ||
    /^(neuf|jeune|réveillé|soulagé|rond|carré|mouillé|sec|déchiré|ouvert|incroyable|sauvage|vrai|sûr|pourri|mûr|célèbre|électrique|romantique|inoubliable)$/.test(
      adjective.forms.m,
    )
  )
    degree = false;
  const how =
    degree &&
    !/^(en |à )|prêt|seul|perdu|cassé|ouvert|fermé|mort|épuisé|furieux|délicieux|magnifique|excellent|parfait|impossible|réveillé|vide|terrible|libre/.test(
      adjective.forms.m,
    )
      ? c.degree(kExcess.test(adjective.en))
      : undefined;
  return {
    en: [...(how ? [how.en] : []), { text: adjective.en, link }],
    fr: [...(how ? [how.fr] : []), { text: agree(adjective.forms, genderOf(subject)), link }],
  };
}

const kOpposed =
  'big small,large small,large little,big little,hot cold,open closed,new old,young old,heavy light,clean dirty,tall short,fast slow,good bad,happy sad,rich poor,easy difficult,long short,wet dry,quiet noisy,beautiful ugly,ripe rotten,empty full,thin thick,narrow wide,sweet salty,cheap expensive,calm noisy,interesting boring,simple complicated,delicious bad,delicious rotten,peaceful noisy,quiet busy,quiet lively,peaceful busy,empty busy,fresh rotten,excellent bad,perfect bad,hot fresh,bitter sweet,strange clear,round square,dead green,happy angry,strong sick,lazy active,ready late,calm nervous,hungry satisfied,peaceful lively'
    .split(',')
    .map((pair) => pair.split(' '));
export const opposed = (a, b) => kOpposed.some((pair) => pair.includes(a.en) && pair.includes(b.en));

const kTries = 1000;

/** An adjective for a phrase: none that the phrase has already. */
export function predicateFor(c, subject) {
  const { noun } = subject;
  const texts = [...new Set(subject.en.map(textOf))];
  const said = ({ en }) =>
    texts.some(
      (text) => text === en || opposed({ en: text }, { en }) || (kColours.has(text) && kColours.has(en)),
    );
  const late = !noun || ['man', 'woman', 'child', 'folk', 'job', 'kin', 'carrier'].includes(noun.topic);
  for (let tries = 0; tries < kTries; ++tries) {
    const adjective = noun
      ? c.predicate(noun)
      : c.pick(adjectives[c.one({ feeling: 5, character: 4, figure: 1 })]);
    if (!said(adjective) && (late || adjective.en !== 'late')) return adjective;
  }
  throw new Error(`Nothing can be said of "${texts.join(' ')}".`);
}

function isSo(c, spec, tense) {
  const chosen = tense ?? c.one(kTenses);
  const negation = spec.positive
    ? undefined
    : c.chance(0.15)
      ? c.one({ not: 8, 'no longer': chosen === 'present' ? 1 : 0, never: 0.6 })
      : undefined;
  return clause({ verb: be, tense: chosen, negation, contracted: c.chance(0.25), ...spec });
}

/** With "very" and the like only where nothing is denied. */
function isDescribed(c, subject) {
  const degree = c.chance(0.25);
  return sentence(
    isSo(c, {
      subject,
      positive: degree,
      after: [predicate(c, predicateFor(c, subject), subject, { degree })],
    }),
  );
}

const thingIs = (c) => isDescribed(c, thing(c));

const personIs = (c) => isDescribed(c, c.person());

/** "The soup is hot and salty." */
function twoAdjectives(c) {
  const subject = c.chance(0.5) ? thing(c, kThings, { share: 0 }) : c.person();
  const a = predicateFor(c, subject);
  const b = predicateFor(c, subject);
  const colours = new Set([...adjectives.colour, ...adjectives.fur, ...adjectives.hue].map(({ en }) => en));
  if (a.en === b.en || a.forms.m === b.forms.m || opposed(a, b) || (colours.has(a.en) && colours.has(b.en)))
    return twoAdjectives(c);
  const [x, y] = [predicate(c, a, subject, { degree: false }), predicate(c, b, subject, { degree: false })];
  return sentence(
    isSo(c, {
      subject,
      positive: true,
      after: [{ en: [...x.en, 'and', ...y.en], fr: [...x.fr, 'et', ...y.fr] }],
    }),
  );
}

/** What somebody is by trade: without an article in French. */
function trade(c) {
  const subject = c.person();
  if (
    subject.det === 'every' ||
    subject.noun?.topic === 'job' ||
    subject.noun?.topic === 'child' ||
    subject.spoken ||
    ['king', 'queen', 'prince', 'princess', 'thief', 'winner', 'baby'].includes(subject.noun?.en)
  )
    return trade(c);
  const { feminine, plural } = genderOf(subject);
  const noun = c.pick(nouns.job.filter((job) => job.both || (feminine ? job.f : job.m)));
  if (plural && !subject.englishPlural) return trade(c);
  const many = subject.englishPlural && !subject.polite;
  const job = nounPhrase(noun, { det: { kind: many ? 'none' : 'a' }, feminine, plural: many });
  const bare = { ...job, fr: job.fr.slice(many ? 0 : 1) };
  if (c.chance(0.25)) {
    const become = { en: 'become', particle: [], fr: conjugate('devenir'), own: [], slots: [] };
    return sentence(clause({ subject, verb: become, tense: c.pick(['past', 'future']), after: [bare] }));
  }
  if (c.chance(0.15)) {
    const link = {};
    const want = { en: 'want', particle: ['to'], fr: conjugate('vouloir'), own: [], slots: [], state: true };
    const become = {
      en: c.pick(['be', 'become']),
      particle: [],
      fr: conjugate('devenir'),
      own: [],
      slots: [],
      link,
    };
    return sentence(clause({ subject, verb: become, chain: [want], tense: 'present', after: [bare] }));
  }
  return sentence(isSo(c, { subject, after: [bare] }));
}

/** "She is a good singer.", "He is my brother." */
function isA(c) {
  const kind = c.one({ it: 4, this: 3, person: 3 });
  if (kind === 'person') {
    const subject = c.chance(0.5) ? c.name() : c.pick([pronouns.he, pronouns.she]);
    const kin = c.pick(nouns.kin.filter((noun) => (subject.feminine ? noun.f : noun.m)));
    const complement = subject.pronoun
      ? nounPhrase(kin, { det: { kind: c.owner() } })
      : nounPhrase(kin, { det: { kind: c.owner() } });
    if (subject.pronoun) {
      // "He is my brother" is "C'est mon frère".
      const en = c.chance(0.2) ? [`${subject.en[0]}'s`] : [subject.en[0], 'is'];
      return sentence({ en: [...en, ...complement.en], fr: ['ce', 'est', ...complement.fr] });
    }
    return sentence({
      en: [...subject.en, 'is', ...complement.en],
      fr: [...subject.fr, 'est', ...complement.fr],
    });
  }
  const noun = c.pick(
    nounsOf(
      c.pick([
        'pet',
        'clothes',
        'vehicle',
        'furniture',
        'machine',
        'thing',
        'text',
        'show',
        'building',
        'place',
        'abstract',
        'event',
        'fruit',
        'kin',
        'job',
      ]),
    ),
  );
  const plural = (noun.plural && noun.englishPlural) || (!noun.mass && c.chance(0.15));
  if (noun.mass) return isA(c);
  const phrase =
    noun.topic === 'kin'
      ? nounPhrase(noun, { det: { kind: c.owner() } })
      : nounPhrase(noun, {
          det: { kind: plural ? 'bare' : ownable(noun) ? c.one({ a: 5, my: 2, your: 1, our: 1 }) : 'a' },
          plural,
          adjectives: noun.topic === 'kin' ? [] : c.attributes(noun, 0.5),
        });
  const many = phrase.englishPlural;
  const past = c.chance(0.2);
  const verb = past ? (many ? 'were' : 'was') : many ? 'are' : 'is';
  const opens =
    kind === 'it' ? (many ? 'they' : 'it') : many ? c.pick(['these', 'those']) : c.pick(['this', 'that']);
  const negated = c.chance(0.15);
  const fr = [
    'ce',
    ...(negated ? ['ne'] : []),
    past ? (many ? 'étaient' : 'était') : many ? 'sont' : 'est',
    ...(negated ? ['pas'] : []),
    ...phrase.fr,
  ];
  const contracted = c.chance(0.25) && !past && !negated && opens === 'it';
  return sentence({
    en: [...(contracted ? ["it's"] : [opens, verb]), ...(negated ? ['not'] : []), ...phrase.en],
    fr,
  });
}

const kPaired = [
  'pet',
  'farm',
  'vehicle',
  'clothes',
  'furniture',
  'building',
  'place',
  'text',
  'machine',
  'room',
  'thing',
  'fruit',
  'show',
];
const kComparable =
  /^(dead|new|open|closed|broken|empty|full|square|round|ready|perfect|impossible|torn|first|last|wild|excellent|magnificent|delicious|terrible|electric|unforgettable|brilliant|incredible|rotten|wet|orange|awake|free|lost|late|alone|angry)$/;
const kColours = new Set([...adjectives.colour, ...adjectives.fur, ...adjectives.hue].map(({ en }) => en));
export const isColour = (adjective) => kColours.has(adjective.en);

const kRunners = new Set(['vehicle', 'pet', 'farm', 'wild']);
const fast = adjectives.beast.find(({ en }) => en === 'fast');

function comparable(c, noun) {
  if (kRunners.has(noun?.topic) && c.chance(0.35)) return fast;
  for (let tries = 0; tries < 50; ++tries) {
    const adjective = noun ? c.predicate(noun) : c.pick(adjectives[c.pick(['character', 'figure'])]);
    if (!kComparable.test(adjective.en) && !isColour(adjective)) return adjective;
  }
  return adjectives.size[0];
}

/** The comparative of an adjective: words of both languages. */
export function comparative(adjective, gender, kind) {
  const link = {};
  const form = agree(adjective.forms, gender);
  if (kind === 'as')
    return { en: ['as', { text: adjective.en, link }, 'as'], fr: ['aussi', { text: form, link }, 'que'] };
  if (kind === 'less')
    return { en: ['less', { text: adjective.en, link }, 'than'], fr: ['moins', { text: form, link }, 'que'] };
  const [more] = compared(adjective.en);
  const en = more.startsWith('more ') ? ['more', { text: adjective.en, link }] : [{ text: more, link }];
  if (adjective.forms.m === 'bon') {
    const better = { m: 'meilleur', f: 'meilleure', mp: 'meilleurs', fp: 'meilleures' };
    return { en: [...en, 'than'], fr: [{ text: agree(better, gender), link }, 'que'] };
  }
  return { en: [...en, 'than'], fr: ['plus', { text: form, link }, 'que'] };
}

const kAccented = { I: 'moi', you: 'vous', he: 'lui', she: 'elle', we: 'nous', they: 'eux' };
const kCases = { I: 'me', you: 'you', he: 'him', she: 'her', we: 'us', they: 'them' };

function compare(c) {
  let subject;
  let other;
  let adjective;
  if (c.chance(0.5)) {
    subject = c.person();
    if (subject.spoken) return compare(c);
    adjective = comparable(c);
    if (c.chance(0.4)) {
      const name = c.pick(Object.keys(kAccented));
      const same =
        subject.english === name || (['I', 'we'].includes(name) && ['I', 'we'].includes(subject.english));
      if (same) return compare(c);
      other = { en: [kCases[name]], fr: [kAccented[name]] };
    } else other = c.chance(0.5) ? c.name() : c.kin(subject.owner);
  } else {
    const noun = c.pick(nounsOf(c.pick(kPaired)));
    if (noun.mass || noun.plural) return compare(c);
    const plural = c.chance(0.2);
    const described = c.chance(0.4);
    adjective = comparable(c, noun);
    if (described) {
      // "the black horse ... the white horse"
      const colours = noun.topic === 'pet' || noun.topic === 'farm' ? adjectives.fur : adjectives.colour;
      const [a, b] = c.random.shuffled(
        colours.filter(({ en }) => en !== 'red' || colours !== adjectives.fur),
      );
      if (['building', 'place', 'text', 'machine', 'room', 'fruit', 'show'].includes(noun.topic))
        return compare(c);
      subject = nounPhrase(noun, { det: { kind: 'the' }, plural, adjectives: [a] });
      other = nounPhrase(noun, { det: { kind: 'the' }, plural, adjectives: [b] });
    } else {
      subject = nounPhrase(noun, {
        det: { kind: c.pick(ownable(noun) ? ['the', 'this', 'my', 'your'] : ['the', 'this', 'that']) },
        plural,
      });
      const second = c.pick(nounsOf(noun.topic).filter((one) => !one.mass && !one.plural && one !== noun));
      other =
        ownable(noun) && c.chance(0.4)
          ? owned(noun, c.ownerPhrase(), { plural })
          : nounPhrase(second, {
              det: { kind: c.pick(ownable(second) ? ['the', 'my', 'that', 'your'] : ['the', 'that']) },
              plural: c.chance(0.2),
            });
    }
  }
  const kind = c.one({ more: 7, as: 3, less: compared(adjective.en)[0].startsWith('more ') ? 1.2 : 0 });
  const words = comparative(adjective, genderOf(subject), kind);
  return sentence(
    isSo(
      c,
      { subject, after: [{ en: [...words.en, ...other.en], fr: [...words.fr, ...other.fr] }] },
      c.chance(0.8) ? 'present' : 'past',
    ),
  );
}

/** "the biggest house in the city" */
export function superlative(_c, noun, adjective, plural = false, det = 'the') {
  const phrase = nounPhrase(noun, { det: { kind: det }, plural, adjectives: [adjective] });
  const [, most] = compared(adjective.en);
  const at = phrase.en.findIndex((word) => word.text === adjective.en);
  const link = phrase.en[at].link;
  const en = [...phrase.en];
  en.splice(
    at,
    1,
    ...(most.startsWith('most ') ? ['most', { text: adjective.en, link }] : [{ text: most, link }]),
  );
  const fr = [...phrase.fr];
  const place = fr.findIndex((word) => linkOf(word) === link);
  const gender = { feminine: phrase.feminine, plural: phrase.plural };
  const article = phrase.plural ? 'LES' : phrase.feminine ? 'LA' : 'LE';
  const form = agree(adjective.forms, gender);
  if (adjective.before) {
    if (adjective.forms.m === 'bon')
      fr[place] = {
        text: agree({ m: 'meilleur', f: 'meilleure', mp: 'meilleurs', fp: 'meilleures' }, gender),
        link,
      };
    else fr.splice(place, 1, 'plus', { text: form, link });
  } else fr.splice(place, 1, article, 'plus', { text: form, link });
  return { ...phrase, en, fr };
}

const kOf = {
  person: [
    ['in', 'the', 'class'],
    ['de', 'LA', 'classe'],
  ],
  family: [
    ['in', 'the', 'family'],
    ['de', 'LA', 'famille'],
  ],
  world: [
    ['in', 'the', 'world'],
    ['de', 'LE', 'monde'],
  ],
  city: [
    ['in', 'the', 'city'],
    ['de', 'LA', 'ville'],
  ],
  country: [
    ['in', 'the', 'country'],
    ['de', 'LE', 'pays'],
  ],
  village: [
    ['in', 'the', 'village'],
    ['de', 'LE', 'village'],
  ],
  school: [
    ['in', 'the', 'school'],
    ['de', "l'école"],
  ],
};

function isMost(c) {
  const topic = c.pick(['building', 'place', 'vehicle', 'child', 'job', 'wild', 'machine']);
  const noun = c.pick(nounsOf(topic));
  if (noun.mass || noun.plural || ['city', 'country', 'village', 'school', 'baby'].includes(noun.en))
    return isMost(c);
  const adjective =
    topic === 'child' || topic === 'job'
      ? c.pick(adjectives.character.filter(({ en }) => !/late|alone/.test(en)))
      : comparable(c, noun);
  const words = superlative(c, noun, adjective);
  const where =
    kOf[
      {
        building: c.pick(['city', 'country', 'village', 'world']),
        place: c.pick(['country', 'world']),
        child: c.pick(['person', 'family', 'school', 'village']),
        job: c.pick(['city', 'village', 'country']),
        wild: 'world',
      }[topic] ?? 'world'
    ];
  const subject =
    topic === 'child'
      ? c.name(noun.f ? 'f' : 'm')
      : topic === 'job'
        ? c.name(noun.both || noun.m ? 'm' : 'f')
        : undefined;
  const rest = { en: [...words.en, ...where[0]], fr: [...words.fr, ...where[1]] };
  if (subject)
    return sentence({ en: [...subject.en, 'is', ...rest.en], fr: [...subject.fr, 'est', ...rest.fr] });
  return sentence({ en: [c.pick(['it', 'this', 'that']), 'is', ...rest.en], fr: ['ce', 'est', ...rest.fr] });
}

/** Where something is. */
export function somewhere(c) {
  const kind = c.one({ position: 4, container: 3, location: 2 });
  if (kind === 'container') {
    const noun = c.pick(containers);
    const phrase = nounPhrase(noun, {
      det: { kind: c.pick(['the', 'the', 'the', 'my', 'your', 'this']) },
      adjectives: c.attributes(noun, 0.1),
    });
    return { en: ['in', ...phrase.en], fr: ['dans', ...phrase.fr], noun };
  }
  const { en, fr } = c.pick(kind === 'position' ? positions : locations);
  const noun = c.pick(
    nounsOf(
      kind === 'location' ? c.pick(['building', 'place']) : c.pick(['furniture', 'furniture', 'part']),
    ).filter(
      (one) =>
        !one.plural && !/ceiling|roof|chimney|stool|curtain|carpet|drawer|mirror|clock|lamp/.test(one.en),
    ),
  );
  const flat = /^(table|chair|bed|sofa|desk|shelf|cupboard|armchair|bench|wardrobe|balcony|bookcase|floor)$/;
  if (en === 'on' && !flat.test(noun.en)) return somewhere(c);
  if (en === 'under' && !/^(table|chair|bed|sofa|desk|armchair|bench|window)$/.test(noun.en))
    return somewhere(c);
  if (/floor|balcony/.test(noun.en) && en !== 'on') return somewhere(c);
  const phrase = nounPhrase(noun, {
    det: {
      kind: c.pick(
        ownable(noun) ? ['the', 'the', 'the', 'the', 'my', 'this'] : ['the', 'the', 'the', 'this'],
      ),
    },
    adjectives:
      c.chance(0.12) && noun.topic === 'furniture'
        ? [c.pick([...adjectives.colour, ...adjectives.size])]
        : [],
  });
  const links = {};
  return {
    en: [{ text: en, link: links }, ...phrase.en],
    fr: [{ text: fr, link: links }, ...phrase.fr],
    noun,
  };
}

const kMovable = ['thing', 'text', 'fruit', 'clothes', 'thing', 'meal', 'pet'];
const kFixed = ['building'];

function isWhere(c) {
  const place = somewhere(c);
  const outside = ['building', 'place'].includes(place.noun.topic);
  const subject = thing(c, outside ? kFixed : kMovable);
  if (subject.noun === place.noun || (outside && subject.noun.topic !== 'building')) return isWhere(c);
  return sentence(isSo(c, { subject, after: [place] }, c.one({ present: 5, past: 1 })));
}

function personWhere(c) {
  const subject = c.person();
  const place = c.place(c.pick(['home', 'out', 'town', 'school', 'work', 'abroad', 'at']));
  return sentence(isSo(c, { subject, after: [place] }, c.one({ present: 4, past: 2, future: 1 })));
}

function thereIs(c) {
  const place = c.chance(0.75) ? somewhere(c) : undefined;
  const outside = place && ['building', 'place'].includes(place.noun.topic);
  const noun = c.pick(
    nounsOf(
      c.pick(
        outside
          ? ['building', 'furniture', 'nature', 'place', 'folk', 'child']
          : place
            ? ['thing', 'text', 'fruit', 'vegetable', 'meal', 'drink', 'small', 'pet', 'thing', 'clothes']
            : ['abstract', 'event', 'building', 'drink', 'meal', 'show'],
      ),
    ),
  );
  if (noun.unique || noun === place?.noun || (outside && noun.topic === 'furniture' && noun.en !== 'bench'))
    return thereIs(c);
  const negated = c.chance(0.18);
  const plural = noun.englishPlural || (!noun.mass && c.chance(0.45));
  const det = noun.mass
    ? negated
      ? 'any'
      : 'some'
    : plural
      ? negated
        ? 'any'
        : c.one({ number: noun.plural ? 0 : 5, some: 2, many: 3, several: 1, few: 1 })
      : negated
        ? 'any'
        : 'a';
  const phrase = nounPhrase(noun, {
    det: { kind: det, number: c.pick(numbers), english: c.pick(['many', 'a lot of']) },
    plural,
    adjectives: c.attributes(noun, 0.25),
  });
  const many = phrase.englishPlural;
  const tense = c.one({
    present: 6,
    past: 2,
    future: noun.topic === 'event' || noun.topic === 'show' ? 2 : 0,
  });
  const en =
    tense === 'future'
      ? ['will', ...(negated ? ['not'] : []), 'be']
      : [tense === 'past' ? (many ? 'were' : 'was') : many ? 'are' : 'is', ...(negated ? ['not'] : [])];
  const verb = { present: 'a', past: 'avait', future: 'aura' }[tense];
  const question = !negated && c.chance(0.18) && tense !== 'future';
  const where =
    place ??
    (tense === 'future'
      ? c.time('future')
      : noun.topic === 'abstract' || c.chance(0.5)
        ? { en: [], fr: [] }
        : c.place('town'));
  if (question) {
    const asked = nounPhrase(noun, {
      det: { kind: plural || noun.mass ? (c.chance(0.7) ? 'any' : 'some') : 'a' },
      plural,
    });
    const fr = nounPhrase(noun, { det: { kind: plural || noun.mass ? 'some' : 'a' }, plural });
    // the same links on both sides
    const french = relink(fr.fr, asked.en);
    return sentence(
      {
        en: [en[0], 'there', ...asked.en, ...where.en],
        fr: [tense === 'past' ? 'y avait-il' : 'y a-t-il', ...french, ...where.fr],
      },
      '?',
    );
  }
  const contracted = c.chance(0.2) && tense === 'present' && !many && !negated;
  const opens = contracted ? ["there's"] : ['there', ...en];
  return sentence({
    en: [...opens, ...phrase.en, ...where.en],
    fr: negated
      ? ['il', 'ne', 'y', verb, 'pas', ...phrase.fr, ...where.fr]
      : ['il', 'y', verb, ...phrase.fr, ...where.fr],
  });
}

/** French words with the link of the last of the English ones. */
function relink(words, english) {
  const link = english.map(linkOf).filter(Boolean).at(-1);
  return words.map((word) => (linkOf(word) ? { ...word, link } : word));
}

/** Ages: "My sister is ten years old." */
function age(c) {
  const subject = c.person();
  if (subject.englishPlural || subject.spoken || subject.noun?.en === 'baby') return age(c);
  const n = c.random.between(
    subject.noun?.topic === 'child' ? 4 : 5,
    subject.noun?.topic === 'child' ? 14 : 69,
  );
  const link = {};
  const years = {};
  const tense = c.one({ present: 6, past: 1, future: 1 });
  const digits = c.chance(0.25);
  const made = clause({
    subject,
    verb: { ...be, fr: conjugate('avoir') },
    tense,
    after: [
      {
        en: [{ text: digits ? `${n}` : englishNumber(n), link }, { text: 'years', link: years }, 'old'],
        fr: [
          { text: digits ? `${n}` : frenchNumber(n), link },
          { text: 'ans', link: years },
        ],
      },
    ],
  });
  return sentence(made);
}

/** Feelings that French has and English is: "I am hungry." */
export const kFeelings = [
  ['hungry', 'faim'],
  ['thirsty', 'soif'],
  ['cold', 'froid'],
  ['hot', 'chaud'],
  ['afraid', 'peur'],
  ['sleepy', 'sommeil'],
  ['right', 'raison'],
  ['wrong', 'tort'],
  ['lucky', 'de LA chance'],
];
export function hasFeeling(c, subject, tense) {
  const [en, fr] = c.pick(kFeelings);
  const link = {};
  const very = c.chance(0.2) && !['right', 'wrong', 'lucky'].includes(en);
  const words = fr === 'de LA chance' ? ['de', 'LA', { text: 'chance', link }] : [{ text: fr, link }];
  const negation = c.chance(0.2) ? 'not' : undefined;
  const lucky = fr === 'de LA chance' && negation ? ['de', { text: 'chance', link }] : words;
  return clause({
    subject,
    verb: { ...be, fr: conjugate('avoir') },
    tense: tense ?? c.one({ present: 5, past: 2 }),
    negation,
    contracted: c.chance(0.25),
    after: [
      { en: [...(very ? ['very'] : []), { text: en, link }], fr: [...(very ? ['très'] : []), ...lucky] },
    ],
  });
}
const feelingHad = (c) => sentence(hasFeeling(c, c.person()));

/** "My head hurts." */
function hurts(c) {
  const name = c.pick(['I', 'he', 'she', 'I', 'we', 'they', 'you']);
  const noun = c.pick(
    nouns.body.filter(({ en }) => /head|back|stomach|throat|arm|leg|foot|knee|ear|shoulder|tooth/.test(en)),
  );
  const owner = { I: 'my', he: 'his', she: 'her', we: 'our', they: 'their', you: 'your' }[name];
  if (['we', 'they'].includes(name)) return hurts(c);
  const phrase = nounPhrase(noun, { det: { kind: owner } });
  const french = nounPhrase(noun, { det: { kind: 'the' } });
  const subject = pronouns[name];
  const had = conjugate('avoir').present[subject.plural ? subject.person + 2 : subject.person - 1];
  const link = {};
  return sentence({
    en: [...phrase.en, { text: 'hurts', link }],
    fr: [...subject.fr, had, { text: 'mal', link }, 'à', ...relink(french.fr, phrase.en)],
  });
}

/** "It is difficult to learn French." */
function itIsTo(c) {
  const adjective = c.pick(adjectives.easy);
  const verb = (() => {
    for (;;) {
      const one = c.verb('person');
      if (
        !one.state &&
        !one.slots.some(({ mode, kind }) => mode === 'own' || mode === 'my' || kind === 'kin') &&
        !one.reflexive
      )
        return one;
    }
  })();
  const link = {};
  const to = {};
  const objects = c.objects(verb, { loose: false });
  const places = verb.slots.filter(({ place }) => place).map(({ place }) => c.placeSlot(place));
  const negated = c.chance(0.15);
  const french = objects.flatMap(({ fr, preposition }) => [...(preposition ? [preposition] : []), ...fr]);
  const degree =
    c.chance(0.2) && !/impossible|possible|necessary|forbidden/.test(adjective.en)
      ? ['very', 'très']
      : undefined;
  return sentence({
    en: [
      ...(c.chance(0.2) ? ["it's"] : ['it', 'is']),
      ...(negated ? ['not'] : []),
      ...(degree ? [degree[0]] : []),
      { text: adjective.en, link },
      'to',
      { text: verb.en, link: to },
      ...verb.particle,
      ...objects.flatMap(({ en }) => en),
      ...places.flatMap(({ en }) => en),
    ],
    fr: [
      'il',
      ...(negated ? ['ne'] : []),
      'est',
      ...(negated ? ['pas'] : []),
      ...(degree ? [degree[1]] : []),
      { text: adjective.forms.m, link },
      'de',
      { text: verb.fr.infinitive, link: to },
      ...verb.own,
      ...french,
      ...places.flatMap(({ fr }) => fr),
    ],
  });
}

/** "The dog and the cat are hungry" and other pairs of things. */
function pairIs(c) {
  const topic = c.pick(['pet', 'fruit', 'vegetable', 'clothes', 'building', 'vehicle', 'furniture']);
  const [a, b] = [thing(c, [topic], { share: 0.1 }), thing(c, [topic], { share: 0.1 })];
  if (a.noun === b.noun || a.det !== 'the') return pairIs(c);
  const subject = both(a, b);
  return sentence(isSo(c, { subject, positive: true, after: [predicate(c, c.predicate(a.noun), subject)] }));
}

/** "Dogs are faithful animals" is left alone; "Cats like milk" is not. */
function general(c) {
  const noun = c.pick(
    nounsOf(c.pick(['pet', 'farm', 'wild', 'fruit', 'vegetable', 'child', 'meal', 'drink'])),
  );
  const subject = nounPhrase(noun, { det: { kind: 'general' }, plural: !noun.mass });
  const adjective = noun.topic === 'child' ? c.pick(adjectives.character) : c.predicate(noun);
  if (
    /^(fresh|juicy|light|broken|spicy|bad|tired|sick|hungry|rotten|ripe|old|new|cold|hot|dead|brown|black|white|pink|blue|purple)$/.test(
      adjective.en,
    )
  )
    return general(c);
  return sentence(
    clause({
      subject,
      verb: be,
      tense: 'present',
      negation: c.chance(0.2) ? 'not' : undefined,
      after: [predicate(c, adjective, subject)],
    }),
  );
}

export const descriptionKinds = [
  { weight: 20, make: thingIs },
  { weight: 15, make: personIs },
  { weight: 6, make: twoAdjectives },
  { weight: 7, make: trade },
  { weight: 8, make: isA },
  { weight: 12, make: compare },
  { weight: 4, make: isMost },
  { weight: 9, make: isWhere },
  { weight: 5, make: personWhere },
  { weight: 10, make: thereIs },
  { weight: 4, make: age },
  { weight: 4, make: feelingHad },
  { weight: 0.4, make: hurts },
  { weight: 5, make: itIsTo },
  { weight: 3, make: pairIs },
  { weight: 2, make: general },
];
