// What a sentence is made of, drawn at random so that it makes sense: subjects, objects that suit the verb, places, times.

import {
  adjectives,
  chains,
  cities,
  countries,
  degrees,
  descriptions,
  frequencies,
  manners,
  names,
  nounOf,
  nouns,
  nounsOf,
  numbers,
  perfects,
  places,
  sites,
  times,
  verbs,
} from './lexicon.mjs';
import { both, named, nounPhrase, objectPronoun, owned, pronouns } from './noun-phrase.mjs';

const kPaired = new Set(['shoe', 'boot', 'glove', 'sock']);
/** People who are somebody's. */
const kRelated = new Set(['friend', 'colleague', 'cousin']);
const kMine = new Set(['neighbor', 'guest', 'student', 'customer', 'boss']);
const kOpens = /^(open|closed)$/;
const kOpened = new Set(['door', 'window', 'gate']);
const kSecond = new Set(['colour', 'fur', 'nationality']);
const kSmall = /^(big|small|large|little|old|young|beautiful|pretty)$/;

/** Nouns of buildings and places that belong to somebody. */
const kHomes =
  /^(house|apartment|farm|garden|school|village|city|street|country|restaurant|store|room|bedroom|kitchen|office)$/;
export const ownable = ({ topic, en }) =>
  !['building', 'place', 'carrier', 'nature', 'wild', 'small', 'show', 'sound'].includes(topic) ||
  kHomes.test(en);

/** Whose "my", "his", ... a subject is the owner of. */
const kOwners = { I: 'my', you: 'your', he: 'his', she: 'her', we: 'our', they: 'their' };
const kSingular = ['my', 'your', 'his', 'her', 'our', 'their'];
const kSyllables =
  'ba be bo da de di do fa fe ga ka ke ko la le li lo lu ma me mi mo na ne ni no pa pe ra re ri ro sa se si ta te to tu va ve vi za zo bra dro kri tal mar ron bel tan'.split(
    ' ',
  );
const kEnds = ['', '', 'n', 'r', 's', 'l', 'k', 'm', 'x'];

const kCommon =
  /^(eat|drink|go|live|read|have|play|speak|buy|give|see|work|like|sleep|want|write|look|listen|run)$/;
const common = Object.fromEntries(
  Object.entries(verbs).map(([who, list]) => [
    who,
    list.flatMap((verb) => (kCommon.test(verb.en) ? Array(verb.en === 'go' ? 5 : 1).fill(verb) : [])),
  ]),
);

export class Choices {
  constructor(random) {
    this.random = random;
  }

  chance(probability) {
    return this.random.chance(probability);
  }
  pick(list) {
    return this.random.pick(list);
  }
  /** One of { name: weight }. */
  one(weights) {
    const keys = Object.keys(weights);
    return keys[this.random.weighted(Object.values(weights))];
  }

  // -------------------------------------------------------------------------------------------------------- nouns

  /** An adjective with the noun, of its kinds and not like `than` ("big small"). */
  attribute(noun, except = []) {
    const kinds = descriptions[noun.topic]?.attributive ?? [];
    if (kinds.length === 0) return undefined;
    const list = adjectives[this.pick(kinds)].filter(
      (one) =>
        !(kOpens.test(one.en) && !kOpened.has(noun.en)) &&
        !except.some((other) => other.en === one.en || other.before === one.before),
    );
    return list.length > 0 ? this.pick(list) : undefined;
  }

  attributes(noun, share = 0.3) {
    if (!this.chance(share)) return [];
    const first = this.attribute(noun);
    if (!first) return [];
    // A second one is a colour or where somebody is from.
    const kinds = descriptions[noun.topic].attributive.filter((kind) => kSecond.has(kind));
    if (kinds.length === 0 || !kSmall.test(first.en) || !this.chance(0.3)) return [first];
    return [first, this.pick(adjectives[this.pick(kinds)])];
  }

  /** "is ...": one of what may be said of the noun. */
  predicate(noun) {
    const kinds = descriptions[noun.topic]?.predicative ?? ['size'];
    for (;;) {
      const adjective = this.pick(adjectives[this.pick(kinds)]);
      if (adjective.en !== 'little' && (!kOpens.test(adjective.en) || kOpened.has(noun.en))) return adjective;
    }
  }

  owner(owner) {
    return owner && this.chance(0.65) ? owner : this.pick(kSingular);
  }

  /** A noun phrase of a noun, by the articles that the place takes (see words/verbs.mjs). */
  phrase(noun, { mode = 'any', owner, negated = false, share = 0.3, afterDe = false } = {}) {
    if (noun.city || noun.name) return named(noun);
    const adjectiveList =
      mode === 'article' || mode === 'bare' || mode === 'own' ? [] : this.attributes(noun, share);
    const make = (det, plural = false) =>
      nounPhrase(noun, { det, plural, adjectives: adjectiveList, afterDe });
    if (mode === 'bare') return make({ kind: 'none' });
    if (mode === 'article') return make({ kind: 'general' });
    if (mode === 'own') return make({ kind: 'own', owner: owner ?? 'my' }, true);
    if (mode === 'plural') return make({ kind: this.chance(0.7) ? 'bare' : 'some' }, true);
    if (mode === 'general') return make({ kind: 'general' }, !noun.mass);
    if (noun.unique) return make({ kind: 'the' });
    if (noun.topic === 'kin' || mode === 'my') {
      if (noun.topic === 'kin' && this.chance(0.12))
        return owned(noun, this.name(), { adjectives: adjectiveList });
      if (
        noun.topic === 'kin' &&
        /^(sister|brother|son|daughter|cousin|friend|aunt|uncle)$/.test(noun.en) &&
        this.chance(0.15)
      )
        return make({ kind: this.owner(owner) }, true);
      if (noun.topic === 'kin' && negated === 'indefinite') return make({ kind: 'any' });
      return make({ kind: this.kinOwner(noun, owner) }, kPaired.has(noun.en));
    }
    if (kRelated.has(noun.en))
      return make({ kind: this.owner(owner) }, mode !== 'single' && this.chance(0.2));
    if (mode === 'the') return make({ kind: 'the' });
    if (mode === 'thes') return make({ kind: this.chance(0.7) ? 'the' : this.owner(owner) }, true);
    if (mode === 'gen' && this.chance(0.7)) return make({ kind: 'general' }, !noun.mass);
    const definite = mode === 'def' || mode === 'gen';
    const single = mode === 'single' || mode === 'one';
    const chosen = this.one(
      single && !noun.mass && !noun.plural
        ? mode === 'one'
          ? { a: 1 }
          : { a: 6, the: 5, mine: 4, this: 1.2, that: 0.5 }
        : mode === 'indefinite'
          ? noun.mass || noun.plural
            ? { some: 3, bare: 5 }
            : { a: 9, number: 3, some: 1, several: 1, many: 1, few: 1 }
          : definite
            ? { the: 8, mine: 4, this: 2, that: 1, all: noun.mass ? 0 : 0.6, owned: noun.mass ? 0.3 : 1 }
            : noun.mass || noun.plural
              ? { some: 3, bare: 5, the: 2, mine: 1 }
              : {
                  a: 9,
                  the: 6,
                  mine: 3,
                  this: 1.4,
                  that: 0.6,
                  number: 2,
                  some: 1.5,
                  bare: 1.2,
                  several: 0.8,
                  many: 0.8,
                  few: 0.6,
                  owned: 0.8,
                },
    );
    const plural = noun.mass
      ? false
      : single
        ? kPaired.has(noun.en)
        : this.chance(['building', 'place', 'room'].includes(noun.topic) ? 0.06 : 0.2);
    if ((chosen === 'mine' || chosen === 'owned') && !ownable(noun)) return make({ kind: 'the' }, plural);
    switch (chosen) {
      case 'a':
        if (kPaired.has(noun.en)) return make({ kind: negated ? 'any' : 'some' }, true);
        return make({ kind: negated ? 'any' : 'a' });
      case 'some':
      case 'bare':
        return make({ kind: negated ? 'any' : chosen }, !noun.mass);
      case 'mine':
        return make({ kind: this.owner(owner) }, plural);
      case 'this':
      case 'that':
        return make({ kind: noun.mass ? 'the' : chosen }, plural);
      case 'all':
        return make({ kind: 'all', owner: this.chance(0.3) ? this.owner(owner) : undefined }, true);
      case 'number':
        return negated
          ? make({ kind: 'any' }, true)
          : make({ kind: 'number', number: this.pick(numbers) }, true);
      case 'several':
      case 'few':
        return make(negated ? { kind: 'the' } : { kind: chosen }, true);
      case 'many':
        return make(
          negated ? { kind: 'any' } : { kind: 'many', english: this.pick(['many', 'a lot of']) },
          true,
        );
      case 'owned':
        return owned(noun, this.ownerPhrase(), { plural, adjectives: adjectiveList });
      default:
        return make({ kind: 'the' }, plural);
    }
  }

  ownerPhrase() {
    if (this.chance(0.55)) return this.name();
    if (this.chance(0.6)) return this.kin();
    return nounPhrase(this.pick(nouns.job), { det: { kind: 'the' } });
  }

  kin(owner) {
    const noun = this.pick(nouns.kin);
    return nounPhrase(noun, { det: { kind: this.kinOwner(noun, owner) } });
  }

  /** "her husband", "his wife". */
  kinOwner(noun, owner) {
    const kind = this.owner(owner);
    if (noun.en === 'husband') return { his: 'her', their: 'her', our: 'my' }[kind] ?? kind;
    if (noun.en === 'wife') return { her: 'his', their: 'his', our: 'my' }[kind] ?? kind;
    return kind;
  }

  // --------------------------------------------------------------------------------------------------------- names

  rareName() {
    const count = this.random.between(2, 3);
    const stem = Array.from({ length: count }, () => this.pick(kSyllables)).join('') + this.pick(kEnds);
    const name = stem[0].toUpperCase() + stem.slice(1);
    // "Rome" would have a translation.
    if (nounOf(stem) || cities.some(({ en, fr }) => en === name || fr === name)) return this.rareName();
    return { en: name, fr: name, feminine: name.endsWith('a') };
  }

  name(gender) {
    const feminine = gender ? gender === 'f' : this.chance(0.5);
    if (this.chance(0.1)) {
      const rare = this.rareName();
      if (!gender || rare.feminine === feminine) return named(rare);
    }
    const first = this.pick(feminine ? names.women : names.men);
    const kind = this.one({ first: 88, full: 6, titled: 6 });
    if (kind === 'first') return named(first);
    const surname = this.chance(0.2) ? this.rareName() : this.pick(names.surnames);
    if (kind === 'full') {
      const phrase = named(first);
      const last = named(surname);
      return { ...phrase, en: [...phrase.en, ...last.en], fr: [...phrase.fr, ...last.fr] };
    }
    const link = {};
    const [mrs, madame] = feminine ? ['Mrs.', 'Mme'] : ['Mr.', 'M.'];
    return {
      ...named({ ...first, feminine }),
      en: [mrs, { text: surname.en, link }],
      fr: [madame, { text: surname.fr, link }],
    };
  }

  // ------------------------------------------------------------------------------------------------------ subjects

  /** A phrase with `owner` ("his") and `english` ("he") for what is said of it later. */
  person({ pronoun = true } = {}) {
    const chosen = this.one({ pronoun: pronoun ? 42 : 0, name: 24, kin: 16, noun: 17, pair: 5 });
    const as = (phrase, english) => ({ ...phrase, english, owner: kOwners[english] });
    switch (chosen) {
      case 'pronoun': {
        const name = this.one({ I: 12, you: 6, he: 8, she: 8, we: 9, they: 7 });
        return as(pronouns[name], name);
      }
      case 'name': {
        const phrase = this.name();
        return as(phrase, phrase.feminine ? 'she' : 'he');
      }
      case 'kin': {
        const noun = this.pick(nouns.kin);
        const phrase = this.chance(0.1)
          ? owned(noun, this.name())
          : nounPhrase(noun, {
              det: {
                kind: this.kinOwner(
                  noun,
                  this.pick(['my', 'my', 'my', 'your', 'his', 'her', 'our', 'their']),
                ),
              },
              feminine: noun.f !== undefined,
            });
        return as(phrase, phrase.feminine ? 'she' : 'he');
      }
      case 'noun': {
        const noun = this.pick(nounsOf(this.one({ man: 3, woman: 3, child: 4, folk: 4, job: 6 })));
        const plural = this.chance(0.3);
        const det = kRelated.has(noun.en)
          ? 'my'
          : this.one({
              the: 8,
              this: 1,
              that: 0.5,
              a: plural ? 0 : 0.6,
              every: plural ? 0 : 0.2,
              number: plural ? 1 : 0,
              my: kMine.has(noun.en) ? 3 : 0,
            });
        const phrase = nounPhrase(noun, {
          det: { kind: det, number: this.pick(numbers.slice(0, 4)) },
          plural,
          adjectives: this.attributes(noun, 0.25),
        });
        return as(phrase, plural ? 'they' : phrase.feminine ? 'she' : 'he');
      }
      default: {
        const a = this.chance(0.7) ? this.name() : this.kin();
        const other = this.chance(0.15) ? pronouns.I : this.chance(0.6) ? this.name() : this.kin();
        if (other === pronouns.I) {
          const we = {
            ...both(a, pronouns.I),
            fr: [...a.fr, 'et', 'moi', ',', 'nous'],
            person: 1,
            feminine: false,
          };
          return as({ ...we, spoken: true }, 'we');
        }
        return as(both(a, other), 'they');
      }
    }
  }

  animal() {
    const noun = this.pick(nounsOf(this.one({ pet: 6, farm: 3, wild: 2 })));
    const plural = this.chance(0.3);
    const det = this.one({
      the: 8,
      this: 1,
      my: noun.topic === 'pet' ? 3 : 0,
      number: plural ? 1.5 : 0,
      our: noun.topic === 'pet' ? 1 : 0,
      a: plural ? 0 : 0.6,
    });
    const phrase = nounPhrase(noun, {
      det: { kind: det, number: this.pick(numbers.slice(0, 5)) },
      plural,
      adjectives: this.attributes(noun, 0.35),
    });
    return { ...phrase, english: plural ? 'they' : 'it', owner: plural ? 'their' : 'its' };
  }

  // -------------------------------------------------------------------------------------------------- verb phrases

  time(kind) {
    return this.pick(times[kind]);
  }

  /** A place of a kind; animals that are no pets stay out of the house. */
  place(kind, subject) {
    if (kind === 'abroad') return this.abroad();
    if (kind === 'yard' && subject?.noun && subject.noun.topic !== 'pet') return this.pick(places.meadow);
    return this.pick(places[kind]);
  }

  country() {
    const { en, preposition, fr } = this.pick(countries);
    const link = {};
    return { en: ['in', { text: en, link }], fr: [preposition, { text: fr, link }] };
  }

  city(preposition = ['in', 'à']) {
    const phrase = named(this.pick(cities));
    return { en: [preposition[0], ...phrase.en], fr: [preposition[1], ...phrase.fr] };
  }

  abroad() {
    return this.chance(0.5) ? this.country() : this.city();
  }

  /** Where somebody lives. */
  home(owner) {
    const kind = this.one({ country: 3, city: 4, site: 2, house: 4 });
    if (kind === 'country') return this.country();
    if (kind === 'city') return this.city();
    if (kind === 'site') return this.pick(sites);
    const noun = nounOf(this.pick(['house', 'house', 'apartment', 'castle', 'village', 'city']));
    const phrase = nounPhrase(noun, {
      det: { kind: this.chance(0.85) ? 'a' : 'this' },
      adjectives: this.attributes(noun, 0.9),
      owner,
    });
    return { en: ['in', ...phrase.en], fr: ['dans', ...phrase.fr] };
  }

  /** What fills a slot of a verb that is a place. */
  placeSlot(kind, owner) {
    if (kind === 'in') return this.home(owner);
    if (kind === 'away') return named(this.pick(cities));
    if (kind === 'goal' && this.chance(0.25)) {
      const phrase = this.abroad();
      return { ...phrase, en: ['to', ...phrase.en.slice(1)] };
    }
    return this.pick(places[kind]);
  }

  /** Objects for a verb: phrases or pronouns. `loose`: pronouns without an antecedent may stand. */
  objects(verb, { owner, negation, loose = true, subject }) {
    const indefinite =
      negation &&
      negation !== 'nobody' &&
      negation !== 'nothing' &&
      (verb.own.length === 0 || verb.en === 'need');
    const slots = verb.slots.filter(({ place }) => !place);
    const persons = slots.map(({ kind }) => ['person', 'kin', 'loved'].includes(kind));
    const takes = slots.findIndex((slot, i) => persons[i] && slot.french !== 'de' && verb.own.length === 0);
    const asPronoun = loose && takes >= 0 && this.chance(0.3) ? takes : -1;
    const list = slots.map((slot, i) => ({
      ...this.#fill(slot, i === asPronoun, { owner, subject, indefinite }),
      preposition: slot.french,
    }));

    // "give the book to Anna", but "give her the book".
    if (asPronoun === 1) return [list[1], list[0]];
    return list.map((object, i) =>
      slots[i].english ? { ...object, en: [slots[i].english, ...object.en] } : object,
    );
  }

  #fill(slot, asPronoun, { owner, subject, indefinite }) {
    if (!asPronoun) return this.object(slot, { owner, negated: indefinite });
    const clash = { we: ['we', 'I'], I: ['I', 'we'] }[subject] ?? [subject];
    const free = Object.keys(pronouns).filter((name) => !clash.includes(name));
    return objectPronoun(this.pick(free), slot.french === 'à');
  }

  object({ kind, mode, french }, { owner, negated }) {
    const noun = this.pick(nounsOf(kind));
    if (kind === 'person' && this.chance(0.3)) return this.name();
    if (kind === 'person' && noun.topic !== 'kin') {
      const phrase = this.phrase(noun, { mode: 'the', share: 0.2 });
      return phrase;
    }
    const negatedIndefinite =
      negated && ['any', 'indefinite', 'one', 'single'].includes(mode) && french !== 'de' && french !== 'à';
    const afterDe = french === 'de';
    const many = !negated && this.chance(0.4);
    if (kind === 'kinone' && mode === 'any')
      return nounPhrase(noun, {
        det: { kind: negated ? 'any' : many ? 'number' : 'a', number: this.pick([2, 3, 4]) },
        plural: many,
      });
    return this.phrase(noun, { mode, owner, negated: negatedIndefinite, afterDe });
  }

  /** Adverbs that suit a verb: { within } or { after }. */
  manner(verb, subject, share = 0.22) {
    const hows = verb.hows.filter((how) => how !== 'together' || subject.englishPlural);
    if (hows.length === 0 || !this.chance(share)) return {};
    const adverb = this.pick(manners[this.pick(hows)]);
    if (adverb.within) return { within: [adverb] };
    const link = {};
    return { after: [{ en: [{ text: adverb.en, link }], fr: [{ text: adverb.fr, link }] }] };
  }

  /** The commonest verbs come more often. */
  verb(who = 'person') {
    return this.pick(this.chance(0.35) ? common[who] : verbs[who]);
  }
  chain() {
    return this.pick(chains);
  }
  frequency() {
    return this.pick(frequencies);
  }
  perfectAdverb() {
    return this.pick(perfects);
  }
  /** "very" and the like; "too" and "a little" only where they are `wanted`. */
  degree(wanted) {
    const { en, fr } = this.pick(degrees.filter((one) => wanted || /very|really/.test(one.en)));
    const link = {};
    return { en: { text: en, link }, fr: { text: fr, link } };
  }
}
