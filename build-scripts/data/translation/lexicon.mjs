// The words of words/, parsed: nouns by class, adjectives by kind, verbs with their frames, places, times, names.

import { plural as englishPlural } from '../everyday/morphology.mjs';
import { conjugate } from './conjugation.mjs';
import { adjectiveForms, plural } from './forms.mjs';
import { adjectives as adjectiveLists } from './words/adjectives.mjs';
import { classes as classLists, described, others } from './words/classes.mjs';
import {
  cities as cityList,
  countries as countryList,
  men,
  nouns as nounLists,
  surnames,
  women,
} from './words/nouns.mjs';
import * as placeLists from './words/places.mjs';
import * as timeLists from './words/times.mjs';
import { chains as chainList, verbs as verbLists } from './words/verbs.mjs';
import { phrase } from './writing.mjs';

const split = (text, at = ';') =>
  text
    .split(at)
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter(Boolean);

// ----------------------------------------------------------------------------------------------------------- nouns

/** { en, ens, m: {one, many} and/or f, feminine, mass, plural, unique, topic }. */
function parseNoun(text, topic) {
  const found = /^(.+?) (m|f|mf)([~=%])? (.+?)(!)?$/.exec(text);
  if (!found) throw new Error(`No noun: "${text}".`);
  const [, en, gender, mark, french, unique] = found;
  const noun = {
    en,
    topic,
    mass: mark === '~' || mark === '%',
    plural: mark === '=' || mark === '%',
    englishPlural: mark === '=',
    unique: unique !== undefined,
    feminine: gender === 'f',
  };
  noun.ens = noun.mass || noun.plural ? en : englishPlural(en);
  const forms = (fr) => {
    const [one, many] = fr.split('/');
    return { one, many: noun.plural ? one : (many ?? plural(one)) };
  };
  if (gender === 'mf') {
    const [m, f] = french.split(' ');
    return { ...noun, both: true, m: forms(m), f: forms(f) };
  }
  return { ...noun, [gender]: forms(french) };
}

export const nouns = {};
const byEnglish = new Map();
for (const [topic, text] of Object.entries({ ...nounLists, other: others })) {
  nouns[topic] = split(text).map((entry) => {
    const noun = parseNoun(entry, topic);
    if (!byEnglish.has(noun.en)) byEnglish.set(noun.en, noun);
    return noun;
  });
}

/** The nouns of a class of classes.mjs or a topic of nouns.mjs. */
const classCache = new Map();
export function nounsOf(name) {
  let list = classCache.get(name);
  if (!list) {
    const text = classLists[name];
    if (!text && !nouns[name]) throw new Error(`There is no class of nouns "${name}".`);
    list = !text
      ? nouns[name]
      : split(text, ',').flatMap((entry) => {
          if (entry === '*city') return cities;
          if (entry.startsWith('*')) return nouns[entry.slice(1)];
          const noun = byEnglish.get(entry);
          if (!noun) throw new Error(`There is no noun "${entry}" for the class "${name}".`);
          return [noun];
        });
    classCache.set(name, list);
  }
  return list;
}

export const nounOf = (english) => byEnglish.get(english);

// ------------------------------------------------------------------------------------------------------ adjectives

function parseAdjective(text) {
  const [, en, before, fr] = /^(.+?) (<)?([^ ].*)$/.exec(text.replace(/^(\S+) (.+)$/, '$1 $2'));
  return { en, before: before !== undefined, forms: adjectiveForms(fr) };
}

export const adjectives = Object.fromEntries(
  Object.entries(adjectiveLists).map(([kind, text]) => [kind, split(text).map(parseAdjective)]),
);

/** How a noun may be described: kinds of adjectives with it, and after "is". */
export const descriptions = Object.fromEntries(
  Object.entries(described).map(([topic, text]) => {
    const [with_, after] = text.split('|').map((part) => part.trim().split(/\s+/).filter(Boolean));
    return [topic, { attributive: with_, predicative: after }];
  }),
);

// ----------------------------------------------------------------------------------------------- places and times

export const places = Object.fromEntries(
  Object.entries(placeLists.places).map(([kind, text]) => [kind, split(text).map((one) => phrase(one))]),
);
export const sites = split(placeLists.sites).map((one) => phrase(one));
export const containers = split(placeLists.containers).map((entry) => parseNoun(entry, 'other'));
const pairs = (text) =>
  split(text).map((one) => {
    const [en, fr] = one.split(' = ');
    return { en, fr };
  });
export const locations = pairs(placeLists.locations);
export const positions = pairs(placeLists.positions);

export const times = Object.fromEntries(
  ['habit', 'now', 'past', 'future'].map((kind) => [
    kind,
    split(timeLists.times[kind]).map((one) => phrase(one)),
  ]),
);

/** "very well <très bien": English, whether it stands within the verb in French, French. */
function parseAdverb(text) {
  const [, en, within, fr] =
    /^(.+?) (<)(.+)$/.exec(text) ?? /^(very \w+|too \w+|a \w+|\w+) ()(.+)$/.exec(text);
  return { en, within: within === '<', fr };
}
export const manners = Object.fromEntries(
  Object.entries(timeLists.manners).map(([kind, text]) => [kind, split(text).map(parseAdverb)]),
);
export const frequencies = split(timeLists.frequencies).map(parseAdverb);
export const perfects = split(timeLists.perfects).map(parseAdverb);
export const degrees = split(timeLists.degrees).map(parseAdverb);
export const { numbers } = timeLists;

// ----------------------------------------------------------------------------------------------------------- verbs

/** A frame: see words/verbs.mjs. */
function parseVerb(line) {
  const [sides, placed = '', flags = ''] = line.split('|').map((part) => part.trim());
  const [english, french] = sides.split(/\s+=\s+/).map((side) => side.trim());
  const slots = [];
  const words = [];
  for (const part of english.match(/<[^>]+>|\[[^\]]+\]|[^\s<[]+/g)) {
    const slot = /^<(\w+)(?::(\w+))?>$/.exec(part);
    const place = /^\[(\w+)\]$/.exec(part);
    if (slot)
      slots.push({
        kind: slot[1],
        mode: slot[2] ?? 'any',
        english: slots.length > 0 ? words.pop() : undefined,
      });
    else if (place) slots.push({ place: place[1] });
    else words.push(part);
  }
  const [en, ...particle] = words;
  const reflexive = /^(se |s')/.test(french);
  const [infinitive, ...rest] = french.replace(/^(se |s')/, '').split(' ');
  // What follows the infinitive belongs to the verb, up to what stands before the objects: one word for each.
  const objects = slots.filter(({ place }) => !place).length;
  const before = rest.filter((word) => word === '_' || word === 'à' || word === 'de');
  const own = objects === 0 ? rest : rest.filter((word) => !['_', 'à'].includes(word) && !(word === 'de'));
  if (objects > 0)
    slots
      .filter(({ place }) => !place)
      .forEach((slot, i) => {
        slot.french = before[i] === '_' ? undefined : before[i];
      });
  const hows = flags.split(/\s+/).filter((word) => word && !word.startsWith('#'));
  return {
    key: line,
    en,
    particle,
    fr: conjugate(infinitive),
    reflexive,
    own,
    slots,
    places: placed.split(/\s+/).filter((word) => word && !word.startsWith('#')),
    hows,
    state: line.includes('#s'),
    point: line.includes('#p'),
    unwilled: line.includes('#u'),
  };
}

const lines = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

export const verbs = Object.fromEntries(
  Object.entries(verbLists).map(([who, text]) => [who, lines(text).map(parseVerb)]),
);

/** Verbs before an infinitive: "try to = essayer de". */
export const chains = lines(chainList).map((line) => {
  const [english, french] = line.replace(/#\w/g, '').trim().split(' = ');
  const [en, ...particle] = english.split(' ');
  const [infinitive, ...link] = french.split(' ');
  return {
    en,
    particle,
    fr: conjugate(infinitive),
    own: link,
    slots: [],
    state: line.includes('#s'),
    point: line.includes('#p'),
  };
});

// ----------------------------------------------------------------------------------------------------------- names

const starred = (name) => (/^H/.test(name) ? `*${name}` : name);
const named = (text, feminine) =>
  text
    .trim()
    .split(/\s+/)
    .map((name) => ({ en: name, fr: starred(name), feminine }));
export const names = { women: named(women, true), men: named(men, false), surnames: named(surnames, false) };

export const countries = split(countryList).map((entry) => {
  const [, en, preposition, fr] = /^(\w+) (en|au) (.+)$/.exec(entry);
  return { en, preposition, fr };
});
export const cities = split(cityList).map((entry) => {
  const words = entry.split(' ');
  const half = words.length / 2;
  return { en: words.slice(0, half).join(' '), fr: words.slice(half).join(' '), city: true, topic: 'city' };
});
