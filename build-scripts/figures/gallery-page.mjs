// The gallery as HTML: one file, no script, the page's palette, dark or light as the reader's system is.

import { kRoles } from './card.mjs';

const escaped = (text) =>
  text.replace(/[&<>"]/g, (letter) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[letter]);
const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** A word, lit in proportion to a weight from 0 to 1. */
const lit = (word, weight, extra = '') =>
  `<span class="lit${extra}" style="--lit:${(100 * weight).toFixed(1)}%" title="${weight.toFixed(3)}">${escaped(word)}</span>`;

function headLine({ layer, head, attention, role }) {
  const name = `${attention === 'cross' ? 'cross-attention, ' : ''}layer ${layer}, head ${head}`;
  return `${name}${role ? `, <i>${kRoles[role]}</i>` : ''}`;
}

function sentence({ tokens, candidates, expected, head }) {
  // A space belongs between words, not into the light; parts of words stand close.
  const words = tokens.map(
    ({ word, spaced, weight, asks, special }) =>
      `${spaced ? ' ' : ''}${lit(word, weight, `${asks ? ' asks' : ''}${special && !asks ? ' added' : ''}`)}`,
  );
  const bars = candidates.map(
    ({ word, probability, expected: right }) =>
      `<li${right ? ' class="right"' : ''}><b>${escaped(word.trim() || '␣')}</b><span class="bar"><span style="width:${(100 * probability).toFixed(1)}%"></span></span><span class="number">${percent(probability)}</span></li>`,
  );
  const right = candidates.findIndex((one) => one.expected);
  const verdict = right < 0 ? 'none of five' : right === 0 ? 'first guess' : `guess ${right + 1}`;
  return `<article class="${right === 0 ? 'hit' : right > 0 ? 'near' : 'miss'}">
<p class="words">${words.join('')}</p>
<ol>${bars.join('')}</ol>
<p class="note"><span class="verdict">${verdict}</span>; expected: ${escaped(expected.slice(0, 5).join(', '))}</p>
<p class="note">lit by ${headLine(head)}: without it the first guess has ${percent(head.probability)}</p>
</article>`;
}

function translation({ source, rows, target, expected, head }) {
  const plain = (text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  const right = plain(target) === plain(expected[0]);
  const lines = rows.map(({ word, weights }) => {
    const cells = weights.map(
      (weight) => `<td style="--lit:${(100 * weight).toFixed(1)}%" title="${weight.toFixed(3)}"></td>`,
    );
    return `<tr><th scope="row">${escaped(word.trim() || '(end)')}</th>${cells.join('')}</tr>`;
  });
  return `<article class="${right ? 'hit' : 'miss'}">
<p class="words">${escaped(target)}</p>
<table><thead><tr><td></td>${source.map((word) => `<th scope="col"><span>${escaped(word.trim())}</span></th>`).join('')}</tr></thead><tbody>${lines.join('')}</tbody></table>
<p class="note"><span class="verdict">${right ? 'as expected' : `expected: ${escaped(expected[0])}`}</span></p>
<p class="note">${headLine(head)}</p>
</article>`;
}

const kStyle = `
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 var(--sans); }
main, header { max-width: 76rem; margin: 0 auto; padding: 2rem 1.25rem; }
header { padding-bottom: 0; }
h1 { font: 600 2rem/1.2 var(--serif); margin: 0 0 .5rem; }
h2 { font: 600 1.5rem/1.2 var(--serif); margin: 3rem 0 .25rem; }
header p, h2 + p { color: var(--quiet); margin: 0 0 1.5rem; max-width: 65ch; }
nav a { color: var(--query); margin-right: 1.25rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 22rem), 1fr)); gap: 1.25rem 2.5rem; }
article { padding: 1rem 0; border-top: 1px solid var(--line); min-width: 0; }
.words { font: 1.2rem/1.75 var(--serif); margin: 0 0 .75rem; overflow-wrap: anywhere; }
.lit { border-radius: .2em; padding: .05em .1em; margin: 0 -.1em;
  background: color-mix(in oklab, var(--weight) calc(var(--lit) * var(--glow-most)), transparent); }
.asks { box-shadow: inset 0 -2px var(--query); }
.added { color: var(--dim); font-size: .8em; }
ol { list-style: none; margin: 0 0 .75rem; padding: 0; }
li { display: grid; grid-template-columns: 8rem 1fr 3.5rem; gap: .75rem; align-items: center; }
li b { font-weight: 400; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
li.right b::after { content: ' ✓'; color: var(--value); }
.bar { height: .5rem; background: var(--hidden); border-radius: .25rem; overflow: hidden; }
.bar span { display: block; height: 100%; background: var(--output); }
.number { text-align: right; font-variant-numeric: tabular-nums; color: var(--quiet); }
.note { margin: 0; font-size: .875rem; color: var(--quiet); }
.verdict { color: var(--alarm); } .hit .verdict { color: var(--value); } .near .verdict { color: var(--key); }
table { border-collapse: separate; border-spacing: 2px; margin: 0 0 .75rem; font-size: .8125rem; }
tbody td { width: 1.6rem; height: 1.25rem; border-radius: 2px;
  background: color-mix(in oklab, var(--weight-2) var(--lit), var(--hidden)); }
th { font-weight: 400; text-align: right; padding-right: .4rem; color: var(--key); }
thead th { vertical-align: bottom; padding: 0; color: var(--query); }
thead th span { writing-mode: vertical-rl; transform: rotate(180deg); }
:root { --glow-most: 0.6; }
`;

/** The light theme's colours, for readers whose system is light. */
function themed(theme) {
  const light = /:root\[data-theme="light"\]\s*\{([^}]*)\}/.exec(theme)?.[1] ?? '';
  return `${theme}\n@media (prefers-color-scheme: light) { :root { ${light} } }`;
}

export function galleryPage(models, theme) {
  const count = (shown) => ({
    first: shown.filter((one) =>
      one.candidates ? one.candidates[0].expected : one.target === one.expected[0],
    ).length,
    five: shown.filter(({ candidates }) => candidates?.some(({ expected }) => expected)).length,
  });
  const sections = models.map(({ name, info, shown }) => {
    const { first, five } = count(shown);
    const among = info.family === 'marian' ? '' : `, ${five} among five guesses`;
    return `<section id="${name}"><h2>${name}</h2>
<p>${info.family}, ${info.parameters.toLocaleString('en')} parameters, ${info.layers} layers of ${info.heads} heads. Answered as expected: ${first} of ${shown.length}${among}.</p>
<div class="grid">${shown.map(info.family === 'marian' ? translation : sentence).join('\n')}</div></section>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Limelight: what the models say</title><style>${themed(theme)}${kStyle}</style></head>
<body><header><h1>What the models say</h1>
<p>Every test sentence with the five best guesses, all computed by the core. The token that asks is underlined; words are lit in
proportion to the weight that it gives them in the head without which the first guess would lose most. ✓ marks an answer that was
expected when the sentences were written, before any model was trained.</p>
<nav>${models.map(({ name }) => `<a href="#${name}">${name}</a>`).join('')}</nav></header>
<main>${sections.join('\n')}</main></body></html>
`;
}
