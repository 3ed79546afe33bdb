// From words to a sentence's text, in English and in French, with the place of every linked word.
//
// A word is a string, or { text, link }: words of the two languages with the same link translate each other. What French
// changes at the seams is done here and nowhere else:
//   elision       je, me, te, se, ne, de, que and the like lose their vowel before a vowel or a mute h
//   articles      LE and LA (capitals) become l'; after "à" and "de", LE and LES become au, aux, du, des
//   determiners   MA, TA, SA, CE (capitals) become mon, ton, son, cet before a vowel
//   adjectives    { text, link, beforeVowel } is written as `beforeVowel` there
// An h aspiré, and whatever else keeps a vowel before it ("*huit"), is marked with a star, which is not written.

const kElided = new Set([
  'je',
  'me',
  'te',
  'se',
  'ne',
  'de',
  'que',
  'jusque',
  'lorsque',
  'puisque',
  'le',
  'la',
]);
const kBeforeVowel = { LE: "l'", LA: "l'", MA: 'mon', TA: 'ton', SA: 'son', CE: 'cet' };
const kWritten = { LE: 'le', LA: 'la', LES: 'les', MA: 'ma', TA: 'ta', SA: 'sa', CE: 'ce' };
const kContracted = { 'à LE': 'au', 'à LES': 'aux', 'de LE': 'du', 'de LES': 'des' };

export const textOf = (word) => (typeof word === 'string' ? word : word.text);
/** Strings have a method of that name. */
export const linkOf = (word) => (typeof word === 'string' ? undefined : word.link);

/** Whether a vowel is lost before the word. */
export function startsWithVowel(text) {
  return /^([aeiouàâæéèêëîïôœùûh]|y$|y[^aeiouéè])/i.test(text) && !/^(oui|onze|un |yaourt)/.test(text);
}

/** The last word of `text`, elided: "parce que" becomes "parce qu'". */
function elided(text) {
  return /(^| )(je|me|te|se|ne|de|que|jusque|lorsque|puisque|le|la)$/.test(text)
    ? `${text.slice(0, -1)}'`
    : undefined;
}

/** French words with their final forms. */
function joined(words) {
  const result = [];
  for (let i = 0; i < words.length; ++i) {
    const word = typeof words[i] === 'string' ? { text: words[i] } : { ...words[i] };
    const next = i + 1 < words.length ? textOf(words[i + 1]) : '';
    const after = i + 2 < words.length ? textOf(words[i + 2]) : '';
    const vowel = startsWithVowel(next);
    const last = /(^|.* )(à|de)$/.exec(word.text);
    if (last && (next === 'LES' || (next === 'LE' && !startsWithVowel(after)))) {
      result.push({ ...word, text: last[1] + kContracted[`${last[2]} ${next}`] });
      ++i;
      continue;
    }
    if (vowel)
      word.text = kBeforeVowel[word.text] ?? word.beforeVowel ?? elisionOf(word.text, next) ?? word.text;
    word.text = kWritten[word.text] ?? word.text;
    result.push(word);
  }
  return result;
}

function elisionOf(text, next) {
  if (text === 'si' || text === 'même si') return /^ils?$/.test(next) ? `${text.slice(0, -1)}'` : undefined;
  if (text === 'ce' && /^(est|était|étaient)$/.test(next)) return "c'";
  return kElided.has(text.split(' ').at(-1)) ? elided(text) : undefined;
}

const upper = (text) => text[0].toUpperCase() + text.slice(1);

/** Puts words after each other: { text, spans }, the spans by link as [start, end] in UTF-16 units. */
function place(words, capital) {
  let text = '';
  const spans = new Map();
  for (const word of words) {
    let written = textOf(word).replace(/(^|[ '])\*/g, '$1');
    if (capital && text === '') written = upper(written);
    if (text !== '' && !/['(]$/.test(text) && !/^([,.)-]|'s$|'$|n't$|'(m|re|ll|ve)$|[?!]$)/.test(written))
      text += ' ';
    if (linkOf(word)) spans.set(word.link, [text.length, text.length + written.length]);
    text += written;
  }
  return { text, spans };
}

const kFrenchSpaced = new Set(['?', '!']);

/**
 * A pair of sentences of { en, fr } words: { en, fr, links }, each link [start, end, start, end], in the order of the English
 * words. `capital`: they begin with one, as sentences do.
 */
export function write({ en, fr }, capital = true) {
  const english = place(en, capital);
  const spaced = joined(fr).map((word) =>
    kFrenchSpaced.has(word.text) ? { ...word, text: ` ${word.text}` } : word,
  );
  const french = place(spaced, capital);
  const links = [];
  for (const [link, at] of english.spans) {
    const of = french.spans.get(link);
    if (of) links.push([...at, ...of]);
  }
  return {
    en: english.text,
    fr: french.text.replace(/ {2}/g, ' '),
    links: links.sort((a, b) => a[0] - b[0]),
  };
}

/** Pairs of texts after each other, as one. */
export function follow(pairs) {
  return pairs.reduce((a, b) => {
    const [en, fr] = [a.en.length + 1, a.fr.length + 1];
    const moved = b.links.map(([s, e, t, f]) => [s + en, e + en, t + fr, f + fr]);
    return { en: `${a.en} ${b.en}`, fr: `${a.fr} ${b.fr}`, links: [...a.links, ...moved] };
  });
}

/**
 * A fixed phrase "every [day] = tous LES [jours]" as { en, fr } words: what stands in brackets is linked, the first with the
 * first, or, where the order differs, by numbers: "[1:red] [2:car] = LA [2:voiture] [1:rouge]".
 */
export function phrase(text) {
  const links = new Map();
  const [en, fr] = text.split(/\s+=\s+/).map((side) => {
    let count = 0;
    return side.match(/\[[^\]]+\]|[^\s[]+/g).map((part) => {
      if (!part.startsWith('[')) return part;
      const [, number, word] = /^\[(?:(\d):)?(.+)\]$/.exec(part);
      const key = number ?? `${++count}`;
      if (!links.has(key)) links.set(key, {});
      return { text: word, link: links.get(key) };
    });
  });
  return { en, fr };
}
