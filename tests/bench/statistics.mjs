// From samples to figures.

/** Linear interpolation between the sorted values; share 0..1. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (at - low) * (sorted[high] - sorted[low]);
}

/** { median, low, high, least }: the quartiles and the least. */
export function spread(values) {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
    least: Math.min(...values),
  };
}

/**
 * Seconds of a sample: of the processor, but where several threads work or no such clock is there, of the wall. A clock
 * that counts the whole process also counts compilers and collectors; one thread never works longer than the wall says.
 */
export function secondsOf({ cpu, wall }, clock) {
  return clock === 'wall' ? wall : Math.min(cpu, wall);
}

/** One case with figures in place of samples. */
export function summarise({ case: one, flops, results, failure }) {
  const measured = results.map(({ samples, ...result }) => {
    if (!samples?.length) return result;
    const seconds = samples.map((sample) => secondsOf(sample, clockOf(result, samples)));
    const time = spread(seconds);
    const work = result.flops ?? flops;
    return {
      ...result,
      seconds,
      time,
      clock: clockOf(result, samples),
      gflops: work && work / time.median / 1e9,
    };
  });
  const best = (list) => list.filter(({ time }) => time).sort((a, b) => a.time.median - b.time.median)[0];
  const peer = best(measured.filter(({ kind }) => kind === 'peer'));
  for (const result of measured) {
    if (result.kind !== 'ours' || !result.time) continue;
    if (peer) {
      // Round by round: what slowed one down slowed the other, too.
      result.ratio = spread(result.seconds.map((own, round) => peer.seconds[round] / own));
      result.against = peer.name;
    }
    const loops = measured.filter((loop) => loop.flops && loop.build === result.build && loop.time);
    const peak = Math.max(0, ...loops.map(({ gflops }) => gflops));
    if (peak > 0) result.share = result.gflops / peak;
  }
  return { id: one.id, case: one, flops, failure, results: measured };
}

function clockOf({ build }, samples) {
  return build === 'threads' || samples.every(({ cpu }) => cpu === 0) ? 'wall' : 'cpu';
}
