// Derives the polynomial coefficients in approximations.hpp:   node cpp/kernels/fit.mjs
// A weighted least-squares fit whose weights follow the error (Lawson's iteration) converges to the minimax polynomial.
// The error printed is that of the coefficients after rounding to float, evaluated in double.

/** Minimax polynomial of f over [low, high], error weighted by weight(x): coefficients, lowest power first. */
function minimax(f, weight, low, high, degree) {
  const n = 2000;
  const xs = Array.from(
    { length: n },
    (_, i) => (low + high) / 2 + ((high - low) / 2) * Math.cos((Math.PI * (i + 0.5)) / n),
  );
  const ys = xs.map(f);
  const ws = xs.map(weight);
  let lawson = xs.map(() => 1);
  let best = { error: Infinity, coefficients: [] };
  for (let round = 0; round < 300; round++) {
    const c = leastSquares(
      xs,
      ys,
      xs.map((_, i) => lawson[i] * ws[i] ** 2),
      degree,
      low,
      high,
    );
    const errors = xs.map((x, i) => Math.abs(horner(c, x) - ys[i]) * ws[i]);
    const error = Math.max(...errors);
    if (error < best.error) best = { error, coefficients: c };
    lawson = lawson.map((l, i) => l * errors[i]);
    const sum = lawson.reduce((a, b) => a + b, 0);
    lawson = lawson.map((l) => (l * n) / sum + 1e-12);
  }
  return best.coefficients;
}

/** Normal equations in Chebyshev polynomials of the interval (well conditioned), turned into powers of x at the end. */
function leastSquares(xs, ys, ws, degree, low, high) {
  const size = degree + 1;
  const chebyshev = (x) => {
    const t = (2 * x - low - high) / (high - low);
    const values = [1, t];
    while (values.length < size) values.push(2 * t * values.at(-1) - values.at(-2));
    return values.slice(0, size);
  };
  const a = Array.from({ length: size }, () => new Array(size + 1).fill(0));
  xs.forEach((x, s) => {
    const basis = chebyshev(x);
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) a[i][j] += ws[s] * basis[i] * basis[j];
      a[i][size] += ws[s] * basis[i] * ys[s];
    }
  });
  for (let i = 0; i < size; i++) {
    let pivot = i;
    for (let r = i + 1; r < size; r++) if (Math.abs(a[r][i]) > Math.abs(a[pivot][i])) pivot = r;
    [a[i], a[pivot]] = [a[pivot], a[i]];
    for (let r = 0; r < size; r++) {
      if (r === i) continue;
      const factor = a[r][i] / a[i][i];
      for (let c = i; c <= size; c++) a[r][c] -= factor * a[i][c];
    }
  }
  // t = u + v x; T(n+1) = 2 t T(n) - T(n-1) on coefficient lists.
  const u = -(low + high) / (high - low);
  const v = 2 / (high - low);
  const timesT = (p) => Array.from({ length: size }, (_, i) => u * (p[i] ?? 0) + v * (p[i - 1] ?? 0));
  let previous = [1];
  let current = timesT(previous);
  const powers = new Array(size).fill(0);
  for (let i = 0; i < size; i++) {
    const weight = a[i][size] / a[i][i];
    previous.forEach((p, k) => {
      powers[k] += weight * p;
    });
    const next = timesT(current).map((p, k) => 2 * p - (previous[k] ?? 0));
    previous = current;
    current = next;
  }
  return powers;
}

function horner(c, x) {
  return c.reduceRight((sum, coefficient) => sum * x + coefficient, 0);
}

/** erfc(x), x >= 0, to double precision: Taylor series below 2, Lentz's continued fraction above. */
function erfc(x) {
  if (x < 2) {
    let term = x;
    let sum = x;
    for (let k = 1; k < 100; k++) {
      term *= -(x * x) / k;
      sum += term / (2 * k + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 200; k >= 1; k--) fraction = k / 2 / (x + fraction);
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * (x + fraction));
}

function report(name, coefficients, f, weight, low, high, unit) {
  const rounded = coefficients.map(Math.fround);
  let worst = 0;
  for (let i = 0; i <= 100000; i++) {
    const x = low + ((high - low) * i) / 100000;
    worst = Math.max(worst, Math.abs(horner(rounded, x) - f(x)) * weight(x));
  }
  console.log(`${name}: ${unit} ${worst.toExponential(2)}`);
  for (const [power, c] of rounded.entries()) console.log(`  x^${power}: ${c.toPrecision(9)}f`);
}

// exp(r) = 1 + r p(r) on [-ln2/2, ln2/2]; what counts is the error relative to exp(r).
{
  const half = Math.LN2 / 2 + 1e-6;
  const f = (r) => (r === 0 ? 1 : Math.expm1(r) / r);
  const weight = (r) => Math.abs(r) / Math.exp(r);
  report('exp: p', minimax(f, weight, -half, half, 5), f, weight, -half, half, 'relative error');
}

// 2^r = 1 + r p(r) on [-1/2, 1/2]; what counts is the error relative to 2^r.
{
  const half = 0.5 + 1e-6;
  const f = (r) => (r === 0 ? Math.LN2 : Math.expm1(r * Math.LN2) / r);
  const weight = (r) => Math.abs(r) / 2 ** r;
  report('exp2: p', minimax(f, weight, -half, half, 5), f, weight, -half, half, 'relative error');
}

// The upper tail of the normal distribution, 1 - Phi(a) = exp(-q(a)) on [0, 6]. What counts is the absolute error of Phi;
// the 1e-5 keeps some relative accuracy far out, where the tail itself is small.
{
  const f = (a) => -Math.log(0.5 * erfc(a / Math.SQRT2));
  const weight = (a) => 0.5 * erfc(a / Math.SQRT2) + 1e-5;
  const tail = (a) => 0.5 * erfc(a / Math.SQRT2);
  report('normal tail: q', minimax(f, weight, 0, 6, 8), f, tail, 0, 6, 'absolute error of Phi');
}

// tanh(x) = x + x^3 p(x^2) on [0, 0.625]; what counts is the error relative to tanh(x).
{
  const taylor = (u) => -1 / 3 + u * (2 / 15 + u * (-17 / 315 + u * (62 / 2835)));
  const f = (u) => (u < 1e-4 ? taylor(u) : (Math.tanh(Math.sqrt(u)) / Math.sqrt(u) - 1) / u);
  const weight = (u) => (u * Math.sqrt(u)) / Math.tanh(Math.sqrt(u) || 1);
  report('tanh: p', minimax(f, weight, 0, 0.625 ** 2, 4), f, weight, 0, 0.625 ** 2, 'relative error');
}
