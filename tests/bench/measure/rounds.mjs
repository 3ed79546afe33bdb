// Measures contestants side by side: each is made, checked and warmed up, then all take turns, round after round, so that
// whatever else the machine does falls on all of them alike.

/** Seconds that a sample should take, so that clocks and calls between do not show. */
const kSampleSeconds = 0.04;
const kWarmSeconds = 0.3;
const kMostCalls = 100_000;

async function runTimes(entry, calls) {
  let last;
  for (let i = 0; i < calls; i++) {
    last = entry.run();
    if (last instanceof Promise) last = await last;
  }
  return last;
}

/** CPU and wall seconds of a call, over `calls` calls; `before` belongs to the sample but is not timed. */
async function sample(host, entry, calls) {
  await entry.before?.();
  const start = await host.clock();
  await runTimes(entry, calls);
  const end = await host.clock(true);
  const units = calls * (entry.units ?? 1);
  return {
    cpu: Math.max(0, end.cpu - start.cpu - host.overhead) / units,
    wall: (end.wall - start.wall) / units,
  };
}

const firstLine = (error) =>
  String(error?.message ?? error)
    .split('\n')[0]
    .slice(0, 160);

/** Makes, checks and warms up one contestant; sets `entry`, or `failure`. */
async function ready(host, contestant, check = contestant.check) {
  try {
    const entry = await contestant.make();
    contestant.entry = entry;
    await entry.before?.();
    const result = await entry.run();
    const worst = check ? await check(result, entry) : undefined;
    contestant.worst = worst;
    if (worst > 1) {
      contestant.failure = `wrong: ${worst.toPrecision(3)} times the error that rounding allows`;
      return;
    }
    const mostCalls = entry.once ? 1 : kMostCalls; // `once`: every sample needs its own beginning
    let { wall } = await sample(host, entry, 1);
    wall *= entry.units ?? 1;
    for (let spent = wall, calls = 1; spent < kWarmSeconds; spent += calls * wall) {
      calls = Math.min(mostCalls, Math.max(1, Math.ceil(0.03 / Math.max(wall, 1e-7))));
      wall = (await sample(host, entry, calls)).wall * (entry.units ?? 1);
    }
    contestant.calls = Math.min(mostCalls, Math.max(1, Math.ceil(kSampleSeconds / Math.max(wall, 1e-7))));
    contestant.cost = contestant.calls * wall;
  } catch (error) {
    contestant.failure = `fails: ${firstLine(error)}`;
  }
}

/**
 * Measures all of them for about `seconds`, in `least` to `most` rounds. Gives a plain record of each:
 * { name, samples: [{ cpu, wall }] } or { name, failure }.
 */
export async function race(host, contestants, { check, seconds, least = 3, most = 15 }) {
  for (const contestant of contestants) await ready(host, contestant, check);
  const running = contestants.filter(({ failure }) => failure === undefined);
  const cost = running.reduce((sum, contestant) => sum + contestant.cost, 0);
  const rounds = Math.max(least, Math.min(most, Math.floor(seconds / Math.max(cost, 1e-3))));
  for (const contestant of running) contestant.samples = [];
  for (let round = 0; round < rounds; round++) {
    // Every other round in reverse, so that nobody always follows the same neighbour.
    for (const contestant of round % 2 ? [...running].reverse() : running)
      contestant.samples.push(await sample(host, contestant.entry, contestant.calls));
  }
  const records = [];
  for (const contestant of contestants) {
    const { name, build, flops, failure, worst, samples } = contestant;
    const kind = contestant.ours ? 'ours' : contestant.peer ? 'peer' : 'other';
    records.push({ name, kind, build, flops, failure, worst, samples, memory: await contestant.memory?.() });
    await contestant.entry?.release?.();
  }
  return records;
}

/** What a pair of looks at the clock costs, so that it can be taken off. */
export async function clockOverhead(host) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 20; i++) {
    const start = await host.clock();
    const end = await host.clock(true);
    least = Math.min(least, end.cpu - start.cpu);
  }
  return Math.max(0, least);
}
