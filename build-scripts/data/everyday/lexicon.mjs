// The typed lists that templates draw from, out of words/: names, nouns, adjectives, adverbs, phrases, activities.

import { parse } from './template.mjs';
import { activities } from './words/activities.mjs';
import { adjectives, adverbs } from './words/describing.mjs';
import { groups, jobs, kin, men, others, surnames, women } from './words/people.mjs';
import { phrases } from './words/phrases.mjs';
import { states } from './words/states.mjs';
import { cities, countries, months, numbers, seasons, things, weekdays } from './words/things.mjs';

const split = (text, at = /\s*[,;]\s*/) =>
  text
    .split(at)
    .map((word) => word.replace(/\s+/g, ' ').trim())
    .filter(Boolean);

const names = (list, gender) => list.map((name) => ({ name, gender }));

/** "~water" cannot be counted, "=scissors" is always plural. */
function noun(word) {
  if (word.startsWith('~')) return { noun: word.slice(1), gender: 'n', mass: true };
  if (word.startsWith('=')) return { noun: word.slice(1), gender: 'n', many: true, plural: true };
  return { noun: word, gender: 'n' };
}

const person = (gender) => (word) => ({ noun: word, gender });

function makeLists() {
  const lists = new Map();
  const add = (name, kind, entries) => {
    if (lists.has(name)) throw new Error(`Two lists are called "${name}".`);
    lists.set(name, { kind, entries });
  };

  add('woman', 'entity', names(women, 'f'));
  add('man', 'entity', names(men, 'm'));
  add('person', 'entity', [...names(women, 'f'), ...names(men, 'm')]);
  const titled = surnames.flatMap((name) => [
    { name: `Mr. ${name}`, gender: 'm' },
    { name: `Mrs. ${name}`, gender: 'f' },
  ]);
  add('titled', 'entity', titled);
  const relatives = [...names(kin.f, 'f'), ...names(kin.m, 'm')];
  add('kin', 'entity', relatives);
  add('I', 'entity', [{ name: 'I', person: 'I' }]);
  add('we', 'entity', [{ name: 'we', person: 'we' }]);
  add('you', 'entity', [{ name: 'you', person: 'you' }]);
  add('they', 'entity', [{ name: 'they', many: true, person: 'they' }]);
  // Someone who acts: mostly a name.
  const actors = [...names(women, 'f'), ...names(men, 'm')];
  add('actor', 'entity', [...actors, ...actors, ...titled, ...relatives, ...relatives]);
  const speakers = Array.from({ length: 60 }, () => ({ name: 'I', person: 'I' }));
  const several = Array.from({ length: 30 }, () => ({ name: 'we', person: 'we' }));
  add('anyone', 'entity', [...actors, ...titled, ...relatives, ...speakers, ...several]);
  add('surname', 'entity', names(surnames, 'n'));

  add('job', 'entity', jobs.map(person('any')));
  add('other', 'entity', [...new Set(others)].map(person('any')));
  add('relative', 'entity', [
    ...split('mother, sister, grandmother, aunt, niece, daughter').map(person('f')),
    ...split('father, brother, grandfather, uncle, nephew, son').map(person('m')),
  ]);
  add('elder', 'entity', [
    ...split('mother, grandmother, aunt').map(person('f')),
    ...split('father, grandfather, uncle').map(person('m')),
  ]);
  add('girl', 'entity', split('girl, woman, lady, queen, princess, actress, waitress').map(person('f')));
  add('boy', 'entity', split('boy, man, gentleman, king, prince').map(person('m')));
  add('group', 'entity', groups.map(person('n')));
  for (const [name, words] of Object.entries(things)) add(name, 'entity', split(words).map(noun));

  const fixed = (words) => words.map((name) => ({ name, gender: 'n', mass: true }));
  const countable = (words) => words.map((word) => ({ noun: word, gender: 'n' }));
  add('weekday', 'entity', countable(split(weekdays)));
  add('month', 'entity', fixed(split(months)));
  add('season', 'entity', fixed(split(seasons)));
  add('hour', 'entity', fixed(split(numbers).slice(0, 12)));
  add('number', 'entity', fixed(split(numbers)));
  add('few', 'entity', fixed(split('two, three, four, five, six, seven, eight, nine, ten, twelve, twenty')));
  add('city', 'entity', fixed(split(cities)));
  const rows = kCountries;
  add('country', 'entity', fixed(rows.map(({ country }) => country)));
  add('language', 'entity', fixed([...new Set(rows.map(({ language }) => language))]));
  add('nationality', 'adjective', [...new Set(rows.map(({ people }) => people))]);

  for (const [name, words] of Object.entries(adjectives)) add(`is-${name}`, 'adjective', split(words));
  for (const [name, words] of Object.entries(adverbs)) add(`adverb-${name}`, 'adjective', split(words));
  for (const [name, text] of Object.entries(phrases)) add(name, 'phrase', split(text, /\s*;\s*/).map(parse));
  const deeds = { ...activities };
  for (const [state, { does, cannot }] of Object.entries(states)) {
    deeds[`when-${state}`] = does;
    deeds[`not-${state}`] = cannot;
  }
  for (const [name, text] of Object.entries(deeds)) {
    const marked = split(text, /\s*;\s*/).map((line) => {
      const [, mark, verb, rest] = /^([!-]?)(\S+)(.*)$/.exec(line);
      return { mark, words: [verb, ...parse(rest)] };
    });
    const without = (marks) => marked.filter(({ mark }) => !marks.includes(mark)).map(({ words }) => words);
    add(`do-${name}`, 'activity', without([]));
    add(`do-${name}-willingly`, 'activity', without(['!']));
    add(`do-${name}-usually`, 'activity', without(['!', '-']));
  }
  return lists;
}

/** { country, capital, language, people }: what the facts about countries are made from. */
export const kCountries = split(countries, /\s*,\s*/).map((line) => {
  const [country, capital, language, people] = line.split(' ').map((word) => word.replaceAll('_', ' '));
  return { country: country === 'Korea' ? 'South Korea' : country, capital, language, people };
});

export class Lexicon {
  #lists = makeLists();

  /** A list by its name; "a/b" is both, "a!p" those of another gender than p, "a=p" those of p's. */
  list(type, resolve) {
    const known = this.#lists.get(type);
    if (known) return known;
    const compared = /^(.+)([!=])(\w+)$/.exec(type);
    if (compared) {
      const [, base, sign, name] = compared;
      const { gender } = resolve(name);
      return this.#derived(`${base}${sign}${gender}`, [base], (entry) =>
        entry.gender === 'any' || gender === undefined ? true : (entry.gender === gender) === (sign === '='),
      );
    }
    if (type.includes('/')) return this.#derived(type, type.split('/'), () => true);
    throw new Error(`There is no list "${type}".`);
  }

  #derived(key, bases, suits) {
    let made = this.#lists.get(key);
    if (!made) {
      const lists = bases.map((base) => this.list(base));
      made = { kind: lists[0].kind, entries: lists.flatMap(({ entries }) => entries).filter(suits) };
      this.#lists.set(key, made);
    }
    return made;
  }

  names() {
    return [...this.#lists.keys()];
  }
}
