// What is measured: names of shapes, and the cases that a run consists of.
//
//   n64  n1024c        attention of 64 and 1024 tokens, 12 heads of 64; c: causal
//   n16384w256         each token sees itself and the 255 before it
//   s64  s256c         the same with 4 heads of 32
//   decode             one query against 4096 keys, 12 heads of 64
//   sgemm512           a matrix product, 512 cubed
//   model64 model256   a gpt2-shaped model (12 layers, 768 wide) over 64 and 256 tokens
//   tokens             the same model, token by token
//   peak               the machine's multiply-adds

const kLong = [16, 64, 128, 512, 1024, 2048, 4096, 16384];
const kSmall = [16, 64, 256];

const bothWays = (names) => names.flatMap((name) => [name, `${name}c`]);

export const kAllShapes = [
  'peak',
  ...bothWays(kSmall.map((n) => `s${n}`)),
  ...bothWays(kLong.map((n) => `n${n}`)),
  'n16384w256',
  'decode',
  'sgemm512',
  'sgemm1024',
  'model64',
  'model256',
  'tokens',
];
export const kQuickShapes = [
  'peak',
  's64',
  'n16',
  'n64',
  'n128',
  'n512',
  'n1024',
  'n1024c',
  'decode',
  'sgemm512',
];

/** The case of a shape's name; undefined where there is none. `quick`: for a glance, fewer rounds. */
export function caseOf(name, quick = false) {
  const seconds = quick ? 1 : 6;
  const least = quick ? 3 : 5;
  // Plain JavaScript takes seconds where the others take a tenth.
  const common = { id: name, seconds, least, mostPlainKeys: quick ? 128 : 1024 };
  const attention = /^([ns])(\d{1,5})(?:(c)|w(\d{1,5}))?$/.exec(name);
  if (attention) {
    const n = Number(attention[2]);
    const [heads, dim] = attention[1] === 'n' ? [12, 64] : [4, 32];
    const window = attention[4] === undefined ? undefined : Number(attention[4]);
    const causal = attention[3] === 'c' || window !== undefined;
    if (n < 1 || window === 0) return undefined;
    const shape = { heads, dim, queries: n, keys: n, causal, window };
    const long = n > 8192 && window === undefined;
    return { ...common, ...(long ? { least: 1, seconds: 1 } : {}), kind: 'attention', shape };
  }
  if (name === 'decode')
    return {
      ...common,
      kind: 'decode',
      shape: { heads: 12, dim: 64, queries: 1, keys: 4096, causal: false },
    };
  const product = /^sgemm(\d{1,4})$/.exec(name);
  if (product && Number(product[1]) > 0)
    return { ...common, kind: 'product', shape: { size: Number(product[1]) } };
  const model = /^model(\d{1,3})$/.exec(name);
  if (model && Number(model[1]) > 1) return { ...common, kind: 'model', shape: { tokens: Number(model[1]) } };
  if (name === 'tokens') return { ...common, kind: 'model', shape: { tokens: 64, decode: true } };
  if (name === 'peak') return { ...common, kind: 'peak', shape: {} };
  return undefined;
}

/** A case as a line of the table calls it. */
export function titleOf({ id, kind, shape }) {
  if (kind === 'attention') {
    const mask = shape.window ? `, window of ${shape.window}` : shape.causal ? ', causal' : '';
    return `n = ${shape.queries}${mask}${shape.dim === 32 ? ' (4 heads of 32)' : ''}`;
  }
  if (kind === 'decode') return `one query, ${shape.keys} keys`;
  if (kind === 'product') return `product ${shape.size} cubed`;
  if (kind === 'model')
    return shape.decode ? 'gpt2-shaped model, a token' : `gpt2-shaped model, ${shape.tokens} tokens`;
  return id;
}
