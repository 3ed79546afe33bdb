// Forms of French nouns and adjectives. Regular ones by rule, the others by name.

const kPlurals = new Map(
  `œil yeux, travail travaux, bijou bijoux, genou genoux, chou choux, caillou cailloux, hibou *hiboux, bal bals, festival festivals, carnaval carnavals,
   pneu pneus, bleu bleus, monsieur messieurs, madame mesdames, vitrail vitraux, bail baux, jouet jouets, ciel cieux`
    .split(/,\s+/)
    .map((pair) => pair.trim().split(' ')),
);

/** The plural of a noun; of several words that of the first ("pomme de terre"), of two with a hyphen that of both. */
export function plural(noun) {
  const [, head, rest] = /^(\*?[^\s-]+)(( à | de | d'| en | au | aux ).*)$/.exec(noun) ?? [];
  if (head) return plural(head) + rest;
  const [, first, second] = /^(\*?grand|petit|petite|beau|belle|grande)[ -](.+)$/.exec(noun) ?? [];
  if (first) return `${plural(first)}${noun[first.length]}${plural(second)}`;
  const [, one, two] = /^(\S+) (\S+)$/.exec(noun) ?? [];
  if (one) return `${plural(one)} ${plural(two)}`;
  const known = kPlurals.get(noun);
  if (known) return known;
  if (/[sxz]$/.test(noun)) return noun;
  if (/(au|eu)$/.test(noun)) return `${noun}x`;
  if (/al$/.test(noun)) return `${noun.slice(0, -1)}ux`;
  return `${noun}s`;
}

const kFeminines = new Map(
  `blanc blanche, sec sèche, doux douce, long longue, frais fraîche, vieux vieille, beau belle, nouveau nouvelle, gentil gentille,
   gros grosse, bas basse, gras grasse, épais épaisse, public publique, grec grecque, turc turque, faux fausse, roux rousse, favori favorite, fou folle,
   franc franche, complet complète, inquiet inquiète, secret secrète, discret discrète, jaloux jalouse, mou molle, nul nulle,
   travailleur travailleuse, rêveur rêveuse, moqueur moqueuse, cher chère, amer amère, étranger étrangère, premier première, dernier dernière,
   marron marron, orange orange, désolé désolée`
    .split(/,\s+/)
    .map((pair) => pair.trim().split(' ')),
);
const kUnchanged = new Set([
  'marron',
  'orange',
  'bon marché',
  'en retard',
  'en colère',
  'en bonne santé',
  "à l'heure",
  'debout',
]);

export function feminine(adjective) {
  if (kUnchanged.has(adjective)) return adjective;
  const known = kFeminines.get(adjective);
  if (known) return known;
  const ends = [
    [/e$/, 'e'],
    [/er$/, 'ère'],
    [/eux$/, 'euse'],
    [/f$/, 've'],
    [/el$/, 'elle'],
    [/on$/, 'onne'],
    [/en$/, 'enne'],
    [/et$/, 'ette'],
    [/(?<!i)eur$/, 'euse'],
  ];
  for (const [end, instead] of ends) if (end.test(adjective)) return adjective.replace(end, instead);
  return `${adjective}e`;
}

/** { m, f, mp, fp, beforeVowel }: an adjective's forms, the last that of the masculine singular before a vowel. */
export function adjectiveForms(m) {
  const f = feminine(m);
  if (kUnchanged.has(m)) return { m, f, mp: m, fp: f };
  const mp = m === 'final' || m === 'fatal' ? `${m}s` : plural(m);
  const beforeVowel = { beau: 'bel', nouveau: 'nouvel', vieux: 'vieil', fou: 'fol' }[m];
  return { m, f, mp, fp: `${f}s`, beforeVowel };
}

export const agree = (forms, { feminine: f, plural: p }) => forms[(f ? 'f' : 'm') + (p ? 'p' : '')];

const kUnits =
  'zéro un deux trois quatre cinq six sept *huit neuf dix *onze douze treize quatorze quinze seize'.split(
    ' ',
  );
const kTens = ['', '', 'vingt', 'trente', 'quarante', 'cinquante', 'soixante'];

/** A number from 0 to 99 in words; before a feminine noun "un" is "une". */
export function frenchNumber(n, isFeminine = false) {
  if (n === 1) return isFeminine ? 'une' : 'un';
  if (n <= 16) return kUnits[n];
  if (n < 20) return `dix-${kUnits[n - 10].replace('*', '')}`;
  if (n === 80) return 'quatre-vingts';
  const tens = n < 70 ? kTens[Math.floor(n / 10)] : n < 80 ? 'soixante' : 'quatre-vingt';
  const rest = n < 70 ? n % 10 : n - (n < 80 ? 60 : 80);
  if (rest === 0) return tens;
  if (rest === 1 && n < 70) return `${tens} et ${isFeminine ? 'une' : 'un'}`;
  if (n === 71) return 'soixante et onze';
  return `${tens}-${frenchNumber(rest, isFeminine).replace('*', '')}`;
}

const kEnglishUnits =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  );
const kEnglishTens = ' - twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').slice(1);

export function englishNumber(n) {
  if (n < 20) return kEnglishUnits[n];
  const tens = kEnglishTens[Math.floor(n / 10) - 1];
  return n % 10 === 0 ? tens : `${tens}-${kEnglishUnits[n % 10]}`;
}
