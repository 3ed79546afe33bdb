// What counting alone finds of hidden words: the commonest tokens, and those that stood most often between the same two
// tokens on either side (5-grams; where there are too few, between the same one on either side; then the commonest).

const kBest = 5;

/** Ids, the most frequent first. */
const ranked = (counts) => [...counts].sort(([a, n], [b, m]) => m - n || a - b).map(([id]) => id);

/** Hidden places of a text's versions, as runs: each run is a word of { id, around: [l2, l1, r1, r2] }. */
function* hiddenRuns({ ids, masked = [] }) {
  for (const version of masked) {
    let run = [];
    for (let i = 0; i <= ids.length; ++i) {
      if (i < ids.length && version[i] !== ids[i])
        run.push({ id: ids[i], around: [i - 2, i - 1, i + 1, i + 2].map((place) => version[place] ?? -1) });
      else if (run.length > 0) {
        yield run;
        run = [];
      }
    }
  }
}

/**
 * Shares of words found, by source: { unigram: { words_first, words_among_five }, five_gram: ... }.
 * @param {Record<string, object[]>} sources texts with masked versions
 * @param {Uint16Array} training ids
 * @param {(id: number) => boolean} isWord what is counted
 */
export function countingBaselines(sources, training, vocabulary, isWord) {
  const runs = Object.fromEntries(
    Object.entries(sources).map(([name, texts]) => [name, texts.flatMap((text) => [...hiddenRuns(text)])]),
  );
  const pairs = new Map(); // left and right neighbour: counts
  const fours = new Map();
  const pairKey = (l1, r1) => l1 * vocabulary + r1;
  const fourKey = (l2, l1, r1, r2) => (pairKey(l2, l1) * vocabulary + r1) * vocabulary + r2;
  const asked = new Uint8Array(vocabulary * vocabulary);
  for (const list of Object.values(runs))
    for (const { around } of list.flat()) {
      const [l2, l1, r1, r2] = around;
      if (l1 < 0 || r1 < 0) continue;
      asked[pairKey(l1, r1)] = 1;
      pairs.set(pairKey(l1, r1), new Map());
      if (l2 >= 0 && r2 >= 0) fours.set(fourKey(l2, l1, r1, r2), new Map());
    }
  const wanted = Uint8Array.from({ length: vocabulary }, (_, id) => (isWord(id) ? 1 : 0));
  const count = (map, id) => map?.set(id, (map.get(id) ?? 0) + 1);
  const totals = new Uint32Array(vocabulary);
  for (let i = 0; i < training.length; ++i) {
    const id = training[i];
    if (!wanted[id]) continue;
    ++totals[id];
    if (i < 2 || i + 2 >= training.length) continue;
    const key = pairKey(training[i - 1], training[i + 1]);
    if (!asked[key]) continue;
    count(pairs.get(key), id);
    count(fours.get(fourKey(training[i - 2], training[i - 1], training[i + 1], training[i + 2])), id);
  }
  const common = ranked([...totals.entries()].filter(([, total]) => total > 0)).slice(0, 2 * kBest);
  const commonest = common.slice(0, kBest);
  const guess = ([l2, l1, r1, r2]) => {
    const found = [fours.get(fourKey(l2, l1, r1, r2)), pairs.get(pairKey(l1, r1))].flatMap((counts) =>
      ranked(counts ?? []).slice(0, kBest),
    );
    return [...new Set([...found, ...common])].slice(0, kBest);
  };
  const share = (list, rankOf) => {
    const worst = list.map((run) => Math.max(...run.map(rankOf)));
    const part = (below) => worst.filter((rank) => rank < below).length / list.length;
    return { words_first: part(1), words_among_five: part(kBest) };
  };
  const rank = (found, id) => (found.includes(id) ? found.indexOf(id) : kBest);
  return Object.fromEntries(
    Object.entries(runs).map(([name, list]) => [
      name,
      {
        unigram: share(list, ({ id }) => rank(commonest, id)),
        five_gram: share(list, ({ id, around }) => rank(guess(around), id)),
      },
    ]),
  );
}
