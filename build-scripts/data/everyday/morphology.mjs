// Forms of English words. Regular ones by rule, the others by name.

const kPlurals = pairs(
  'man men, woman women, child children, foot feet, tooth teeth, goose geese, mouse mice, person people, ' +
    'sheep sheep, deer deer, fish fish, salmon salmon, trout trout, moose moose, aircraft aircraft, ox oxen, ' +
    'leaf leaves, loaf loaves, half halves, shelf shelves, knife knives, wife wives, life lives, wolf wolves, ' +
    'calf calves, thief thieves, scarf scarves, potato potatoes, tomato tomatoes, hero heroes, echo echoes, ' +
    'mosquito mosquitoes, volcano volcanoes, species species, series series, bus buses, gas gases, quiz quizzes, ' +
    'grandchild grandchildren, fireman firemen, policeman policemen, fisherman fishermen, salesman salesmen, salesperson salespeople, gentleman gentlemen, goldfish goldfish, jellyfish jellyfish, starfish starfish, stairs stairs, squid squid, tuna tuna, ' +
    'businessman businessmen, businesswoman businesswomen, mailman mailmen, snowman snowmen, housewife housewives, ' +
    'toothbrush toothbrushes, crisis crises, stomach stomachs, bookshelf bookshelves, strawberry strawberries',
);

function pairs(text) {
  return new Map(text.split(', ').map((pair) => pair.split(' ')));
}

/** The plural of a noun; of one of several words, that of its last ("train station": "train stations"). */
export function plural(noun) {
  const [, head, rest] = /^(.*?)( of .*)$/.exec(noun) ?? [];
  if (head) return plural(head) + rest;
  const space = noun.lastIndexOf(' ');
  if (space >= 0) return noun.slice(0, space + 1) + plural(noun.slice(space + 1));
  const known = kPlurals.get(noun);
  if (known) return known;
  if (/[^aeiou]y$/.test(noun)) return `${noun.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
}

// Lemma, past, participle; the participle stands only where it differs.
const kVerbs = new Map(
  (
    'be was been, beat beat beaten, have had, do did done, go went gone, begin began begun, bend bent, bet bet, bite bit bitten, bleed bled, ' +
    'blow blew blown, break broke broken, bring brought, build built, burn burned, buy bought, catch caught, ' +
    'choose chose chosen, come came come, become became become, cost cost, cut cut, deal dealt, dig dug, draw drew drawn, dream dreamed, ' +
    'drink drank drunk, drive drove driven, eat ate eaten, fall fell fallen, feed fed, feel felt, fight fought, ' +
    'find found, fit fit, fly flew flown, forget forgot forgotten, forgive forgave forgiven, freeze froze frozen, get got, ' +
    'give gave given, grow grew grown, hang hung, hear heard, hide hid hidden, hit hit, hold held, hurt hurt, ' +
    'keep kept, kneel knelt, know knew known, lay laid, lead led, leave left, lend lent, let let, lie lay lain, light lit, ' +
    'lose lost, make made, mean meant, meet met, overcome overcame overcome, oversleep overslept, pay paid, prove proved, ' +
    'put put, quit quit, read read, ride rode ridden, ring rang rung, rise rose risen, rebuild rebuilt, ' +
    'run ran run, say said, see saw seen, seek sought, sell sold, send sent, set set, sew sewed, shake shook shaken, ' +
    'shine shone, shoot shot, show showed shown, shrink shrank shrunk, shut shut, sing sang sung, sink sank sunk, ' +
    'sit sat, sleep slept, slide slid, speak spoke spoken, spend spent, spill spilled, spin spun, split split, spread spread, ' +
    'stand stood, steal stole stolen, stick stuck, sting stung, strike struck, sweep swept, swim swam swum, ' +
    'swing swung, take took taken, teach taught, tear tore torn, tell told, think thought, throw threw thrown, ' +
    'understand understood, undo undid undone, wake woke woken, wear wore worn, weave wove woven, win won, wind wound, ' +
    'withdraw withdrew withdrawn, write wrote written, rewrite rewrote rewritten, unwind unwound, quiz quizzed'
  )
    .split(', ')
    .map((line) => {
      const [lemma, past, participle = past] = line.split(' ');
      return [lemma, { past, participle }];
    }),
);

// Their last consonant is doubled though they have two syllables, or they have one and would look otherwise.
const kDoubled = new Set(
  'begin forget admit permit prefer refer regret commit control occur submit upset format unplug unzip unwrap equip overlap'.split(
    ' ',
  ),
);

function doubles(verb) {
  return kDoubled.has(verb) || /^[^aeiou]*(qu)?[aeiou][bdgklmnprt]$/.test(verb);
}

/** Present tense, third person singular. */
export function thirdPerson(verb) {
  if (verb === 'be') return 'is';
  if (verb === 'have') return 'has';
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ies`;
  if (verb === 'quiz') return 'quizzes';
  return /(s|x|z|ch|sh|o)$/.test(verb) ? `${verb}es` : `${verb}s`;
}

function regularPast(verb) {
  if (verb.endsWith('e')) return `${verb}d`;
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ied`;
  return doubles(verb) ? `${verb}${verb.at(-1)}ed` : `${verb}ed`;
}

export function past(verb) {
  return kVerbs.get(verb)?.past ?? regularPast(verb);
}

export function participle(verb) {
  return kVerbs.get(verb)?.participle ?? regularPast(verb);
}

export function progressive(verb) {
  if (verb.endsWith('ie')) return `${verb.slice(0, -2)}ying`;
  if (/[^eoy]e$/.test(verb) && verb !== 'be') return `${verb.slice(0, -1)}ing`;
  if (verb === 'quiz') return 'quizzing';
  return doubles(verb) ? `${verb}${verb.at(-1)}ing` : `${verb}ing`;
}

const kCompared = new Map([
  ['good', ['better', 'best']],
  ['bad', ['worse', 'worst']],
  ['far', ['farther', 'farthest']],
  ['fun', ['more fun', 'most fun']],
  ['ill', ['worse', 'worst']],
]);
const kLong = new Set(
  'tired bored scared famous useful careful common honest modern patient proper upset eager loyal annual organic missing ready'.split(
    ' ',
  ),
);

/** An adjective's comparative and superlative. */
export function compared(adjective) {
  const known = kCompared.get(adjective);
  if (known) return known;
  const syllables =
    adjective
      .replace(/e$/, '')
      .replace(/ely$/, 'ly')
      .match(/[aeiouy]+/g)?.length ?? 1;
  if (
    kLong.has(adjective) ||
    /[ai]ble$/.test(adjective) ||
    syllables > 2 ||
    (syllables === 2 && !/(y|le|ow|er|et)$/.test(adjective))
  )
    return [`more ${adjective}`, `most ${adjective}`];
  if (/[^aeiou]y$/.test(adjective)) return [`${adjective.slice(0, -1)}ier`, `${adjective.slice(0, -1)}iest`];
  if (adjective.endsWith('e')) return [`${adjective}r`, `${adjective}st`];
  const stem = /[^aeiou][aeiou][bdgmnt]$/.test(adjective) ? adjective + adjective.at(-1) : adjective;
  return [`${stem}er`, `${stem}est`];
}

/** "a" or "an", by how the next word sounds. */
export function article(next) {
  const word = next.toLowerCase();
  if (/^(hour|honest|honor|heir)/.test(word)) return 'an';
  if (/^(uni([^nm]|$)|use|usu|u\b|eu|one\b|once)/.test(word)) return 'a';
  return /^([aeiou]|8|11\b|18\b)/.test(word) ? 'an' : 'a';
}

export function possessive(name) {
  return name.endsWith('s') ? `${name}'` : `${name}'s`;
}
