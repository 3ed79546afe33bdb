// Texts as `limelight passports` and `limelight evaluate` take them (cpp/cli/texts.hpp): ids, what they are, where a head
// would look that understood, and words hidden.

/** Every how many words one is hidden; the first one hidden changes from text to text. */
export const kHiddenOneIn = 7;

/** Tokens of a text, cut to a length and framed as the model reads it: { ids, special, punctuation, tokens, first }. */
export function framedText(tokenizer, tokens, { before = [], after = [], length }) {
  const kept = tokens.slice(0, length - before.length - after.length);
  const ids = [...before, ...kept.map(({ id }) => id), ...after];
  const places = (wanted) => ids.flatMap((id, place) => (wanted(id) ? [place] : []));
  return {
    ids,
    special: places((id) => tokenizer.special.has(id)),
    punctuation: places(tokenizer.isPunctuation),
    tokens: kept,
    first: before.length,
  };
}

/** Places of the tokens that a span of the text covers; undefined where it lies behind what was kept. */
export function placesOf({ tokens, first }, [start, end]) {
  const places = tokens.flatMap((token, i) => (token.start < end && token.end > start ? [first + i] : []));
  const last = places.length > 0 ? tokens[places.at(-1) - first] : undefined;
  return last && last.end >= end ? places : undefined;
}

/**
 * Links of pronouns to their antecedents, and of verbs to their subjects where other words stand between them. Other
 * candidates are the nouns and names before it of which the scene knows something; mentions in the same words are one
 * candidate.
 */
export function linksOf(text, framed, labels) {
  const key = ([start, end]) => `${start}-${end}`;
  const wordsOf = ([start, end]) => text.slice(start, end).toLowerCase();
  const pronouns = new Set(labels.filter(({ kind }) => kind === 'pronoun').map(({ at }) => key(at)));
  const mentions = new Map();
  for (const { kind, at, of } of labels)
    for (const span of kind === 'name' || kind === 'noun' ? [at, of] : [of])
      if (!pronouns.has(key(span))) mentions.set(key(span), span);
  const links = [];
  for (const { kind, at, of } of labels) {
    if (kind !== 'pronoun' && kind !== 'agreement') continue;
    const asks = placesOf(framed, at)?.at(-1);
    const meant = placesOf(framed, of);
    if (asks === undefined || !meant) continue;
    if (kind === 'agreement' && meant.at(-1) === asks - 1) continue; // looking back by one is enough there
    const taken = new Set(meant);
    const link = { kind, at: asks, of: [meant], others: [] };
    const before = [...mentions.values()].filter((span) => span[1] <= at[0]).sort(([a], [b]) => a - b);
    const same = (span) => wordsOf(span) === wordsOf(of);
    // First what is meant, so that a mention that overlaps it ("Ann and Tom") is no candidate.
    for (const span of [...before.filter(same), ...before.filter((one) => !same(one))]) {
      const places = placesOf(framed, span);
      if (!places || places.some((place) => taken.has(place))) continue;
      for (const place of places) taken.add(place);
      link[same(span) ? 'of' : 'others'].push(places);
    }
    links.push(link);
  }
  return links;
}

/** The text with every seventh word hidden, all tokens of it; undefined where it has too few words. */
export function hiddenWords({ ids, tokens, first }, isWord, mask, number) {
  const words = [...new Set(tokens.filter(({ id }) => isWord(id)).map(({ word }) => word))];
  const hidden = new Set(words.filter((_, i) => i % kHiddenOneIn === number % kHiddenOneIn));
  if (hidden.size === 0) return undefined;
  const version = [...ids];
  tokens.forEach(({ word }, i) => {
    if (hidden.has(word)) version[first + i] = mask;
  });
  return version;
}

/** Random tokens, and then the same again: what an induction head is made for. The second time they can be known. */
export function repeatedTexts(tokenizer, random, { count, stretch, before = [], after = [], ids }) {
  return Array.from({ length: count }, () => {
    const size = random.between(...stretch);
    const once = random.shuffled(ids).slice(0, size);
    const tokens = [...once, ...once].map((id, word) => ({ id, word }));
    const framed = framedText(tokenizer, tokens, { before, after, length: Number.POSITIVE_INFINITY });
    return { framed, asked_from: framed.first + size + 1 };
  });
}

/** A line of the file. */
export function lineOf({ ids, special, punctuation }, more = {}) {
  return `${JSON.stringify({ ids, special, punctuation, ...more })}\n`;
}
