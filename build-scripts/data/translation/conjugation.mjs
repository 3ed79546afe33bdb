// French verbs: regular ones by rule, the others by name.
//
// conjugate('finir') gives { present, imperfect, future, conditional: six forms each (je tu il nous vous ils), participle,
// being: whether its compound tenses are made with être }. The reflexive pronoun stays outside.

// Infinitive: present (je tu il nous vous ils), participle, future stem where it is not the rule's.
const kIrregular = new Map(
  `être: suis es est sommes êtes sont, été, ser
avoir: ai as a avons avez ont, eu, aur
aller: vais vas va allons allez vont, allé, ir
faire: fais fais fait faisons faites font, fait, fer
dire: dis dis dit disons dites disent, dit
pouvoir: peux peux peut pouvons pouvez peuvent, pu, pourr
vouloir: veux veux veut voulons voulez veulent, voulu, voudr
devoir: dois dois doit devons devez doivent, dû, devr
savoir: sais sais sait savons savez savent, su, saur
voir: vois vois voit voyons voyez voient, vu, verr
croire: crois crois croit croyons croyez croient, cru
boire: bois bois boit buvons buvez boivent, bu
recevoir: reçois reçois reçoit recevons recevez reçoivent, reçu, recevr
connaître: connais connais connaît connaissons connaissez connaissent, connu
naître: nais nais naît naissons naissez naissent, né
lire: lis lis lit lisons lisez lisent, lu
écrire: écris écris écrit écrivons écrivez écrivent, écrit
vivre: vis vis vit vivons vivez vivent, vécu
suivre: suis suis suit suivons suivez suivent, suivi
rire: ris ris rit rions riez rient, ri
courir: cours cours court courons courez courent, couru, courr
résoudre: résous résous résout résolvons résolvez résolvent, résolu
mourir: meurs meurs meurt mourons mourez meurent, mort, mourr
asseoir: assieds assieds assied asseyons asseyez asseyent, assis, assiér
envoyer: envoie envoies envoie envoyons envoyez envoient, envoyé, enverr
pleuvoir: - - pleut - - pleuvent, plu, pleuvr
plaire: plais plais plaît plaisons plaisez plaisent, plu
suffire: suffis suffis suffit suffisons suffisez suffisent, suffi
cuire: cuis cuis cuit cuisons cuisez cuisent, cuit
fuir: fuis fuis fuit fuyons fuyez fuient, fui`
    .split('\n')
    .map((line) => {
      const [, infinitive, present, participle, future] = /^(\S+): ([^,]+), ([^,]+)(?:, (\S+))?$/.exec(line);
      return [infinitive, { present: present.split(' '), participle, future }];
    }),
);

// Families: what the infinitive ends with, the present's endings instead of it, the participle's, the future's.
const kFamilies = [
  [
    /(?<=[vt])enir$/,
    () => ({ present: 'iens iens ient enons enez iennent'.split(' '), participle: 'enu', future: 'iendr' }),
  ],
  [
    /prendre$/,
    () => ({ present: 'prends prends prend prenons prenez prennent'.split(' '), participle: 'pris' }),
  ],
  [/mettre$/, () => ({ present: 'mets mets met mettons mettez mettent'.split(' '), participle: 'mis' })],
  [/battre$/, () => ({ present: 'bats bats bat battons battez battent'.split(' '), participle: 'battu' })],
  [/(?<=[aeo]i)ndre$/, () => ({ present: 'ns ns nt gnons gnez gnent'.split(' '), participle: 'nt' })],
  [/(?<=ouv|off|couv|souff)rir$/, () => ({ present: 're res re rons rez rent'.split(' ') })],
  [/(?<=ui)re$/, () => ({ present: 's s t sons sez sent'.split(' '), participle: 't' })],
  [
    /(?<=dor|ser|par|sor|sen|men)([mtv])ir$/,
    (end) => ({
      present: ['s', 's', 't', `${end[0]}ons`, `${end[0]}ez`, `${end[0]}ent`],
      participle: `${end[0]}i`,
    }),
  ],
  [/ir$/, () => ({ present: 'is is it issons issez issent'.split(' '), participle: 'i' })],
  [/re$/, () => ({ present: ['s', 's', '', 'ons', 'ez', 'ent'], participle: 'u' })],
];

// "appeler" and "jeter" double their consonant, the other verbs in -eler and -eter take an accent.
const kDoubled = /(appel|jet|épel)er$/;
const kMute = /e([lmnprtsv]|vr)er$/;

function regularEr(infinitive) {
  const stem = infinitive.slice(0, -2);
  let strong = stem;
  if (kDoubled.test(infinitive)) strong = stem + stem.at(-1);
  else if (kMute.test(infinitive)) strong = stem.replace(/e([^e]+)$/, 'è$1');
  else if (/é[bcdfghjklmnpqrstvwxz]+er$/.test(infinitive)) strong = stem.replace(/é([^é]+)$/, 'è$1');
  else if (/[ouao]yer$/.test(infinitive)) strong = stem.replace(/y$/, 'i');
  const acute = /é[bcdfghjklmnpqrstvwxz]+er$/.test(infinitive);
  const before = infinitive.endsWith('ger') ? `${stem}e` : stem.replace(/c$/, 'ç'); // before a and o
  return {
    present: [`${strong}e`, `${strong}es`, `${strong}e`, `${before}ons`, `${stem}ez`, `${strong}ent`],
    participle: `${stem}é`,
    future: `${acute ? stem : strong}er`,
  };
}

function principal(infinitive) {
  const known = kIrregular.get(infinitive);
  if (known) return known;
  for (const base of [
    'faire',
    'dire',
    'voir',
    'courir',
    'connaître',
    'lire',
    'écrire',
    'vivre',
    'suivre',
    'rire',
    'envoyer',
  ]) {
    if (!/^(re|par|sou|sur|pour|dé|ré|in)/.test(infinitive) || !infinitive.endsWith(base)) continue;
    const prefix = infinitive.slice(0, -base.length);
    if (prefix === '') continue;
    const { present, participle, future } = kIrregular.get(base);
    return {
      present: present.map((form) => prefix + form),
      participle: prefix + participle,
      future: future && prefix + future,
    };
  }
  if (infinitive.endsWith('paraître') || infinitive.endsWith('reconnaître')) {
    const prefix = infinitive.replace(/aître$/, '');
    return {
      present: 'ais ais aît aissons aissez aissent'.split(' ').map((end) => prefix + end),
      participle: `${prefix}u`,
    };
  }
  if (infinitive.endsWith('rompre'))
    return {
      ...fromFamily(infinitive, [/re$/, kFamilies.at(-1)[1]]),
      present: `romps romps rompt rompons rompez rompent`
        .split(' ')
        .map((form) => infinitive.replace('rompre', form)),
    };
  if (infinitive.endsWith('er')) return regularEr(infinitive);
  return fromFamily(
    infinitive,
    kFamilies.find(([end]) => end.test(infinitive)),
  );
}

function fromFamily(infinitive, [end, make]) {
  const found = end.exec(infinitive);
  const { present, participle, future } = make(found[1] ? [found[1]] : found);
  const stem = infinitive.slice(0, found.index);
  const opened = /(ouv|off|couv|souff)rir$/.exec(infinitive);
  return {
    present: present.map((form) => stem + form),
    participle: opened ? infinitive.replace(/rir$/, 'ert') : stem + participle,
    future: future && stem + future,
  };
}

const kImperfect = ['ais', 'ais', 'ait', 'ions', 'iez', 'aient'];
const kFuture = ['ai', 'as', 'a', 'ons', 'ez', 'ont'];
const kBeing = new Set(
  'aller venir revenir devenir arriver partir repartir rester tomber entrer rentrer sortir naître mourir monter descendre retourner'.split(
    ' ',
  ),
);
const kOrders = { être: ['soyons', 'soyez'], avoir: ['ayons', 'ayez'], savoir: ['sachons', 'sachez'] };

const known = new Map();

export function conjugate(infinitive) {
  let verb = known.get(infinitive);
  if (!verb) {
    const { present, participle, future } = principal(infinitive);
    const root = infinitive === 'être' ? 'ét' : infinitive === 'pleuvoir' ? 'pleuv' : present[3].slice(0, -3);
    const stem = future ?? infinitive.replace(/re$/, 'r');
    const hard = (end) => (/^i/.test(end) ? root.replace(/ge$/, 'g').replace(/ç$/, 'c') : root);
    verb = {
      infinitive,
      present,
      imperfect: kImperfect.map((end) => hard(end) + end),
      future: kFuture.map((end) => stem + end),
      conditional: kImperfect.map((end) => stem + end),
      participle,
      being: kBeing.has(infinitive),
      imperative: kOrders[infinitive] ?? [present[3], present[4]], // nous, vous
    };
    known.set(infinitive, verb);
  }
  return verb;
}

/** A participle in a gender and number. */
export function participleForm(participle, { feminine, plural }) {
  const base = participle === 'dû' && (feminine || plural) ? 'du' : participle;
  return base + (feminine ? 'e' : '') + (plural && !(base.endsWith('s') && !feminine) ? 's' : '');
}

/** "-er" after a vowel takes a t before il, elle, on: "mange-t-il". */
export const inverted = (form, pronoun) =>
  `-${/[aeé]$/.test(form) && /^[ieo]/.test(pronoun) ? 't-' : ''}${pronoun}`;
