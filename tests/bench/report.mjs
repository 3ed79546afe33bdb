// The table that a person reads.

import { titleOf } from './cases.mjs';

/** Columns under a line of headings; the first to the left, numbers to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows
    .map((row) =>
      widths.map((width, i) => (i === 0 ? row[i].padEnd(width) : (row[i] ?? '').padStart(width))).join('   '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Seconds with a unit, three digits. */
export function duration(seconds) {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s `;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${(seconds * 1e6).toPrecision(3)} us`;
}

const number = (value, digits = 1) => (value === undefined ? '' : value.toFixed(digits));

/** A case as lines: time, speed, how much faster than the best peer of the same rounds, share of the peak, memory. */
export function caseTable({ case: one, results, failure }) {
  const title = titleOf(one);
  if (failure) return `${title}\n  ${failure}`;
  const rows = [[title, 'median', 'spread', 'GFLOP/s', 'x best peer', 'of peak', 'wasm MB']];
  // The machine's loops run beside every long case, to know the share of them; their own lines are the first case's.
  const shown = results.filter(({ flops }) => one.kind === 'peak' || flops === undefined);
  for (const { name, time, gflops, ratio, share, memory, failure: why } of shown) {
    if (!time) {
      rows.push([`  ${name}`, why ?? 'not run']);
      continue;
    }
    rows.push([
      `  ${name}`,
      duration(time.median),
      `${number((100 * (time.high - time.low)) / time.median, 0)} %`,
      number(gflops),
      ratio ? `${number(ratio.median, 2)} (${number(ratio.low, 2)}-${number(ratio.high, 2)})` : '',
      share === undefined ? '' : `${number(100 * share, 0)} %`,
      memory === undefined ? '' : number(memory / 1e6, 0),
    ]);
  }
  // A failure's sentence is not to widen the columns of figures.
  const sentences = new Map(rows.flatMap((row) => (row.length === 2 ? [[row, row[1]]] : [])));
  const lines = table(rows.map((row) => (sentences.has(row) ? [row[0]] : row))).split('\n');
  return lines
    .map((line, i) => (sentences.has(rows[i]) ? `${line}   ${sentences.get(rows[i])}` : line))
    .join('\n');
}

/** Cold start and shipped bytes. */
export function startTable(starts) {
  const rows = [['load and first result', 'median', 'KB', 'KB, brotli']];
  for (const { name, cold, shipped, failure } of starts) {
    const kilobytes = (bytes) => (bytes / 1000).toFixed(0);
    const label = { ort: 'onnxruntime-web', tfjs: 'TensorFlow.js' }[name] ?? `Limelight ${name}`;
    rows.push([
      `  ${label}`,
      cold ? duration(cold.median) : 'fails',
      kilobytes(shipped.raw),
      kilobytes(shipped.brotli),
      ...(failure ? [failure] : []),
    ]);
  }
  return table(rows);
}
