// The picture of a run: how many times as fast as the best peer Limelight is, for every shape; light and dark.

import { titleOf } from './cases.mjs';

const kWidth = 720;
const kLabel = 230;
const kRight = 120;
const kRow = 26;
const kTop = 62;
const kBottom = 46;

const escaped = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
const place = (value) => value.toFixed(1);

/** Of ours, what runs on one thread and computes the same numbers as the peers do. */
const isLike = ({ kind, build, name, ratio }) =>
  kind === 'ours' && build !== 'threads' && !name.endsWith(', int8') && ratio !== undefined;

/** The quickest of those in each case that has a peer: { title, name, ratio, against }. */
export function bars(cases) {
  return cases.flatMap(({ case: one, results }) => {
    const best = results.filter(isLike).sort((a, b) => b.ratio.median - a.ratio.median)[0];
    if (!best) return [];
    const title = `${titleOf(one)}${best.name.endsWith(', resident keys') ? ', resident' : ''}`;
    return [{ title, name: best.name, ratio: best.ratio, against: best.against }];
  });
}

/** A whole number of steps that holds `most`, at most six of them. */
export function scaleOf(most) {
  const step = [1, 2, 5, 10, 20, 50, 100].find((size) => most / size <= 6) ?? most / 6;
  return { step, top: Math.max(step, Math.ceil(most / step) * step) };
}

/** SVG text. `results`: what the command writes as JSON. */
export function chart({ machine, cases }) {
  const rows = bars(cases);
  const { step, top } = scaleOf(Math.max(1, ...rows.map(({ ratio }) => ratio.high)));
  const height = kTop + rows.length * kRow + kBottom;
  const x = (value) => kLabel + (value / top) * (kWidth - kLabel - kRight);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${kWidth} ${height}" role="img" aria-labelledby="title">`,
    '<title id="title">Speed of attention relative to the fastest other library, one thread</title>',
    '<style>',
    'text { font: 13px system-ui, sans-serif; fill: #2b2f36 } .quiet { fill: #5d6570; font-size: 12px }',
    '.head { font-weight: 600; font-size: 15px } .bar { fill: #7c8f10 } .grid { stroke: #d5d9df } .one { stroke: #5d6570 }',
    '.spread { stroke: #2b2f36; stroke-width: 1.5 } .ground { fill: #fff }',
    '@media (prefers-color-scheme: dark) {',
    'text { fill: #e6e9ee } .quiet { fill: #a2abb7 } .bar { fill: #d8e86b } .grid { stroke: #343a44 }',
    '.one { stroke: #a2abb7 } .spread { stroke: #e6e9ee } .ground { fill: #14171c } }',
    '</style>',
    `<rect class="ground" width="${kWidth}" height="${height}" rx="8"/>`,
    '<text class="head" x="16" y="26">Times as fast as the fastest other library</text>',
    `<text class="quiet" x="16" y="45">${escaped(`${machine.engine}, one thread, ${machine.processor}`)}</text>`,
  ];
  const floor = kTop + rows.length * kRow;
  for (let value = 0; value <= top; value += step) {
    const at = place(x(value));
    lines.push(
      `<line class="${value === 1 ? 'one' : 'grid'}" x1="${at}" x2="${at}" y1="${kTop}" y2="${floor + 4}"/>`,
      `<text class="quiet" x="${at}" y="${floor + 18}" text-anchor="middle">${value}</text>`,
    );
  }
  rows.forEach(({ title, ratio, against }, row) => {
    const y = kTop + row * kRow;
    const middle = y + kRow / 2;
    lines.push(
      `<text x="${kLabel - 10}" y="${middle + 4}" text-anchor="end">${escaped(title)}</text>`,
      `<rect class="bar" x="${kLabel}" y="${y + 5}" width="${place(x(ratio.median) - kLabel)}" height="${kRow - 10}" rx="2"/>`,
      `<line class="spread" x1="${place(x(ratio.low))}" x2="${place(x(ratio.high))}" y1="${middle}" y2="${middle}"/>`,
      `<text class="quiet" x="${place(x(ratio.high) + 8)}" y="${middle + 4}">${ratio.median.toFixed(1)} x ${escaped(against)}</text>`,
    );
  });
  lines.push(
    `<text class="quiet" x="16" y="${height - 10}">Line: middle half of the rounds, taken side by side.</text>`,
    '</svg>',
  );
  return `${lines.join('\n')}\n`;
}
