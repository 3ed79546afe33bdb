// The public types of the engine, written by hand: what a developer sees. Shapes are row-major.

/** Codes of LimelightError. The first group comes from the C++ core, the second from the engine around it. */
export type ErrorCode =
  | 'invalid-shape'
  | 'invalid-value'
  | 'invalid-option'
  | 'invalid-token'
  | 'text-too-long'
  | 'out-of-memory'
  | 'corrupt-file'
  | 'truncated-file'
  | 'unsupported-model'
  | 'missing-tensor'
  | 'unknown-tensor'
  | 'misshapen-tensor'
  | 'unknown-site'
  | 'not-recorded'
  | 'not-finished'
  /** The browser or its settings cannot run WebAssembly with 128-bit SIMD. */
  | 'no-webassembly-simd'
  /** A file of the engine or of a model could not be fetched or is not what it should be; the message names it. */
  | 'load-failed'
  /** The worker ended in mid-work (crash, killed); the engine restarts it and reloads its models on the next call. */
  | 'engine-lost'
  /** dispose() was called on this engine, model, run, cache or training. */
  | 'disposed'
  /** The caller's AbortSignal fired. */
  | 'aborted'
  /** A newer call in the same lane took this one's place before it started. */
  | 'superseded';

/** 'relaxed' has fused multiply-adds; 'threads' is 'relaxed' on several threads over shared memory. */
export type Build = 'simd' | 'relaxed' | 'threads';
/** 'capped': after the soft cap; 'masked': with biases, -Infinity where hidden. */
export type Stage = 'dot' | 'scaled' | 'capped' | 'masked' | 'weight';
/** No model has a soft cap. */
export type ModelStage = Exclude<Stage, 'capped'>;
/**
 * How the cells behind one display cell become one number. 'sample' takes the cell in the middle: exact, and at once even
 * for the longest texts, as the others are not computed.
 */
export type Pool = 'mean' | 'max' | 'sample';
export type WeightFormat = 'auto' | 'as-stored' | 'f32' | 'f16' | 'int8';

export interface EngineOptions extends CallOptions {
  /** Run in a worker (default) or in the calling thread. */
  worker?: boolean;
  /** Force a build instead of the best that this browser runs. 'threads' only in a worker. */
  build?: Build;
  /**
   * Most threads that a call may be spread over, the worker's own among them: 1 to 64. Default: as many as the processor
   * runs at a time (navigator.hardwareConcurrency), 8 at most. More than one need the build 'threads', which runs in a
   * worker, where relaxed SIMD and shared memory are: in browsers on pages that are cross-origin isolated (served with
   * Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp or credentialless), in Node
   * always, but that Node 20 has relaxed SIMD only with --experimental-wasm-relaxed-simd. Elsewhere it is one
   * thread. The results are the same bits for any number.
   */
  threads?: number;
  /**
   * Folder that holds limelight-simd.wasm, limelight-relaxed.wasm and limelight-threads.wasm, for calls on arrays
   * limelight-arrays-simd.wasm, limelight-arrays-relaxed.wasm and limelight-arrays-threads.wasm, and for training
   * limelight-training-simd.wasm and limelight-training-relaxed.wasm; default: beside the module.
   */
  wasmUrl?: string | URL;
  /** Folder that holds the shipped models; default: models/ beside the module. */
  modelsUrl?: string | URL;
  /** Most bytes that the wasm memory may grow to, that of models and that of arrays each; default: 4 GiB. */
  maxMemoryBytes?: number;
  /**
   * What loadEngine() fetches: the half that runs models (default), or the one for calls on arrays (attention(), all else
   * that takes typed arrays, and measure()), each a WebAssembly module with a memory of its own. The other half is fetched
   * by the first call that needs it, which then may also reject with load-failed and be tried again.
   */
  preload?: 'models' | 'arrays';
  /**
   * Called each time the worker has ended unexpectedly, also while nothing was under way. The next call starts it again
   * with its models and runs.
   */
  onLost?: () => void;
}

export interface Progress {
  phase: 'engine' | 'model' | 'run' | 'explain' | 'measure';
  /** Bytes of a download, or share (0..1) of the work of a run, an explanation or a measurement. */
  done: number;
  /** Total of the same unit; undefined when the server did not say. */
  total: number | undefined;
}

export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
}

/** f32; or f16, as a Float16Array where there is one, or by its bits: it is widened on its way in. */
export type Numbers = Float32Array | Uint16Array;

/**
 * A number for each cell of the matrices, [batch, heads, qLength, keys]: `shape` is aligned with the right end of that, and a
 * size of 1 repeats what is there. The last size may be smaller than the keys: those beyond are hidden.
 */
export interface Cells<Data> {
  data: Data;
  shape: readonly number[];
}

/** A cell of the matrix that is treated by hand, in every batch and head where none is named. */
export interface AttentionEdge {
  row: number;
  key: number;
  batch?: number;
  head?: number;
  /** Left out: the key is hidden from the row. Else the weight is this, 0 to 1, and the others share the rest. */
  weight?: number;
}

/**
 * What happens to a score on its way to a weight, in this order: scale / temperature, soft cap, biases, masks. See
 * limelight/attention.hpp. Names and meaning are those of the ONNX operator Attention; the position of query i is i + past.
 */
export interface AttentionOptions {
  /** Default: 1 / sqrt(headDim). */
  scale?: number;
  /** Query i sees keys up to its position. */
  causal?: boolean;
  /** Keys before query 0; default: the keys that are more than the queries. */
  pastLength?: number;
  /** Instead, for each batch; may be negative. */
  pastLengths?: Int32Array;
  /** For each batch: keys from this one on are padding. */
  keyLengths?: Int32Array;
  /** For each head: scores are divided by it. */
  temperature?: Float32Array;
  /** For each head: its output is multiplied by it. */
  gate?: Float32Array;
  /** Scores become softcap * tanh(score / softcap). */
  softcap?: number;
  /** Keys that are seen before and after a query's position; left out: all. */
  window?: { left?: number; right?: number };
  /** Added to the scores; -Infinity hides. */
  bias?: Cells<Float32Array>;
  /** 0 hides. */
  mask?: Cells<Uint8Array>;
  /** For each head: scores lose this much for each token between query and key (ALiBi). */
  alibi?: Float32Array;
  /** [heads, 2 m + 1]: what is added at a distance of -m to m from query to key; the outermost also beyond. */
  relativeBias?: Float32Array;
  /** For each head: a score without a value, which takes its share of every row. */
  sinks?: Float32Array;
  edges?: readonly AttentionEdge[];
}

/**
 * Attention on typed arrays: out = softmax(mask(scale * q k^T)) v. See limelight/attention.hpp.
 * A NaN or infinity in q, k or v goes where the formula takes it: into the rows of `out` that see it. It changes no bit
 * of a row that does not see it (hidden by any mask, or in another head).
 */
export interface AttentionRequest extends AttentionOptions {
  q: Numbers;
  k: Numbers;
  v: Numbers;
  heads: number;
  /** Default: heads. */
  kvHeads?: number;
  /** Default 1. */
  batch?: number;
  /** Derived from the lengths where they allow one answer only; headDim = q.length / (batch * heads * qLength). */
  qLength?: number;
  /** Of k and v, without the past. */
  kvLength?: number;
  headDim?: number;
  valueDim?: number;
  /** 'seq-first' = [batch, seq, heads * dim] (default), 'heads-first' = [batch, heads, seq, dim]. */
  layout?: 'seq-first' | 'heads-first';
  /** Keys and values before k and v, in the same layout. To decode, a keyValueCache is faster: it copies none of them. */
  past?: { k: Numbers; v: Numbers };
  /** Whether past and new keys and values are wanted as one, in result.present. */
  present?: boolean;
  /** Where `out` goes: what would be a new array otherwise, and costs more than a small attention. */
  into?: Float32Array;
}
export interface AttentionResult {
  /** Same layout as the request: [batch, qLength, heads * valueDim] or [batch, heads, qLength, valueDim]. */
  out: Float32Array;
  /** Log-sum-exp of every row, [batch, heads, qLength]. */
  lse: Float32Array;
  present?: { k: Float32Array; v: Float32Array };
}
/**
 * The gradient of a number that depends on attention's `out`, given its gradient by `out`. Formulas and cost (2.5 times
 * the forward pass): limelight/attention_backward.hpp. Nothing of size qLength * kvLength is stored, unless the one by
 * the bias is asked for. Hidden pairs take no part: a key that nobody sees has the gradient zero, and a NaN behind a mask
 * stays there.
 */
export interface AttentionGradientRequest extends Omit<AttentionRequest, 'into' | 'present'> {
  /** Same layout and length as `out`. */
  dOut: Float32Array;
  /** What `attention` answered to the same request; computed once more where one of the two is not given. */
  out?: Float32Array;
  lse?: Float32Array;
  /** Gradients beside dq, dk and dv. */
  also?: {
    /** By a number added to every score, summed over the batch and over the heads where 'sum' is said. */
    bias?: { batch?: 'each' | 'sum'; heads?: 'each' | 'sum' };
    gate?: boolean;
    temperature?: boolean;
  };
}
export interface AttentionGradientResult {
  /** Each in the layout and length of q, k and v; dk and dv are summed over the query heads that share them. */
  dq: Float32Array;
  dk: Float32Array;
  dv: Float32Array;
  /** [batch or 1, heads or 1, qLength, kvLength] in either layout, 0 where hidden. */
  dBias?: Float32Array;
  /** Each [heads], summed over the batch. */
  dGate?: Float32Array;
  dTemperature?: Float32Array;
}

/**
 * How a token changes the state S [headDim, valueDim] of its head; S' is the state before it, faded by exp(decay) in the
 * gated rules.
 * - 'linear': S = S' + k v^T. Nothing is forgotten.
 * - 'gated': the same. The state fades as the token says.
 * - 'delta': S = S' + beta k (v - S'^T k)^T. What is found under the key is replaced, by the share beta.
 * - 'gated-delta': the same.
 */
export type LinearRule = 'linear' | 'gated' | 'delta' | 'gated-delta';
/**
 * Linear attention: out = scale * S^T q, read after every token, from a state whose size does not depend on their number.
 * Formulas, sources and cost: limelight/linear_attention.hpp. The bits do not depend on how a sequence is cut into calls:
 * one call over all tokens equals one call a token. Delta rules expect keys of length 1.
 */
export interface LinearAttentionRequest {
  q: Float32Array;
  k: Float32Array;
  v: Float32Array;
  heads: number;
  /** Default: heads. */
  kvHeads?: number;
  /** Default 1. */
  batch?: number;
  /** Tokens; this or headDim is needed, the rest follows: headDim = q.length / (batch * heads * length). */
  length?: number;
  headDim?: number;
  valueDim?: number;
  /** 'seq-first' = [batch, length, heads * dim] (default), 'heads-first' = [batch, heads, length, dim]. */
  layout?: 'seq-first' | 'heads-first';
  /** Default 'linear'. */
  rule?: LinearRule;
  /** Default 1 / sqrt(headDim). */
  scale?: number;
  /** Gated rules need it, others refuse it: the logarithm of what is kept, one number per key-value head or headDim. */
  decay?: Float32Array;
  /** Delta rules need it, others refuse it: one number per key-value head, or one for all heads of a token. */
  beta?: Float32Array;
  /** [batch, kvHeads, headDim, valueDim] in either layout, as an earlier call answered it. Default: zeros. */
  state?: Float32Array;
}
export interface LinearAttentionResult {
  /** [batch, length, heads * valueDim] or [batch, heads, length, valueDim]. */
  out: Float32Array;
  /** After the last token; a new array, the one that was given stays as it was. */
  state: Float32Array;
}

/** Cosines and sines of rotary positions, each [positions, rotaryDim / 2]. */
export interface RotaryTable {
  cos: Float32Array;
  sin: Float32Array;
}
/** Pair i turns by base ** (-2 i / rotaryDim) a position; see limelight/rotary.hpp. */
export interface RotaryTableRequest {
  /** From position 0 on. */
  positions: number;
  /** Even. */
  rotaryDim: number;
  /** Default 10000. */
  base?: number;
  /** Positions are divided by it. Default 1. */
  linearScaling?: number;
  /** Llama 3.1's scaling of frequencies; there 8, 1, 4 and 8192. */
  llama3?: { factor: number; low: number; high: number; originalPositions: number };
}
export interface RotateRequest {
  x: Float32Array;
  heads: number;
  /** Default 1. */
  batch?: number;
  /** Tokens; this or headDim is needed. */
  length?: number;
  headDim?: number;
  /** 'seq-first' = [batch, length, heads * headDim] (default), 'heads-first' = [batch, heads, length, headDim]. */
  layout?: 'seq-first' | 'heads-first';
  table: RotaryTable;
  /** The first numbers of every vector that are turned; default: all. */
  rotaryDim?: number;
  /** Which numbers turn together: i and i + rotaryDim / 2 (default; Llama, GPT-NeoX), or 2 i and 2 i + 1 (GPT-J). */
  pairs?: 'halves' | 'interleaved';
  /** Position of the first token. Default 0. */
  first?: number;
  /** Instead, [batch, length]: of every token. */
  positions?: Int32Array;
  /** By the negative angles: undoes it. Gradients go back this way. */
  inverse?: boolean;
}

export interface KeyValueCacheOptions {
  /** Query heads. */
  heads: number;
  /** Default: heads. */
  kvHeads?: number;
  headDim: number;
  /** Default: headDim. */
  valueDim?: number;
  /** Default 1. */
  batch?: number;
  /** Tokens to make room for at once; a cache grows beyond it as needed, 64 tokens at a time. */
  capacity?: number;
  /**
   * 'f16' rounds keys and values to f16 and takes half the memory. On WebAssembly a token then takes longer: f16 has to be
   * widened there by several instructions. Default: 'f32'.
   */
  precision?: 'f32' | 'f16';
}
/** Keys and values of n more tokens: [batch, n, kvHeads * dim], or [batch, kvHeads, n, dim] with 'heads-first'. */
export interface KeyValueAppend {
  k: Numbers;
  v: Numbers;
  layout?: 'seq-first' | 'heads-first';
}
/** Queries over all tokens of a cache. With k and v, these are appended first: a step of decoding in one call. */
export interface KeyValueAttentionRequest extends AttentionOptions, Pick<AttentionRequest, 'q' | 'layout'> {
  k?: Numbers;
  v?: Numbers;
}
/**
 * Keys and values that stay in the engine's memory, 4 * batch * kvHeads * (headDim + valueDim) bytes a token (valueDim
 * rounded up to a multiple of 8): a query over them copies nothing but itself. Results have the bits of
 * engine.attention() over the same arrays. A failed call changes nothing. A call that appends can be aborted
 * until it begins, queries alone at any time. When the engine was lost, so is the cache: its calls reject with 'engine-lost'.
 */
export interface KeyValueCache {
  /** Tokens, once the calls so far are done. */
  readonly length: number;
  append(tokens: KeyValueAppend, options?: CallOptions): Promise<void>;
  /** Causal queries are the cache's last tokens, unless pastLength says otherwise. */
  attention(request: KeyValueAttentionRequest, options?: CallOptions): Promise<AttentionResult>;
  /** Forgets all tokens from `length` on; their memory stays for the next ones. */
  truncate(length: number): Promise<void>;
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface ExplainRequest extends Omit<AttentionRequest, 'v' | 'into' | 'present' | 'past'> {
  /** Not looked at: no stage needs values. */
  v?: Numbers;
  /** Keys before k. */
  past?: { k: Numbers; v?: Numbers };
  /** What attention() gave; without it, 'weight' computes it for the rows that are shown, to the same bits. */
  lse?: Float32Array;
  stage: Stage;
  at: {
    batch?: number;
    /** One head, or the mean over several, or over all. */
    head: number | readonly number[] | 'mean';
    rows?: readonly [first: number, end: number];
    cols?: readonly [first: number, end: number];
  };
  pooled?: { rows: number; cols: number; pool?: Pool };
}
export type MarginsRequest = Omit<ExplainRequest, 'stage'>;
/** Weights of a rectangle with their sums; [R] and [C] are its rows and columns, or those that it is pooled to. */
export interface Margins {
  /** [R, C], as explain() gives them at 'weight'. */
  cells: Float32Array;
  /** [R]: the part of each row's weight that lies in the rectangle's columns; 1 where those are all that it sees. */
  rowSums: Float32Array;
  /** [C]: what each key receives from the rectangle's rows together. Pooled as the cells are: mean or largest. */
  colSums: Float32Array;
  /** [C]: what each key receives on average from those of the rows that see it; 0 where none does. */
  colMeans: Float32Array;
}

/**
 * A way to compute the same attention; queries, keys and values are of n tokens.
 * - 'fused': as attention() does, a running softmax over blocks of keys; nothing of n * n numbers is stored.
 * - 'naive': as the formula is written, each step for all heads before the next one; heads * n * n scores are stored. The
 *   same SIMD kernels.
 * - 'scalar': plain loops, one number at a time, without SIMD; the scores of one row are stored.
 * - 'causal': fused, each token sees those up to itself; blocks that are hidden are not computed.
 * - 'causal-masked': computes all scores of some rows, then hides those of later tokens. The same SIMD kernels.
 * - 'cached': decodes the last tokens one after the other over a KeyValueCache of those before them.
 * - 'uncached': decodes them, too, and with each one computes the causal attention of all tokens so far again.
 */
export type MeasureVariant =
  | 'fused'
  | 'naive'
  | 'scalar'
  | 'causal'
  | 'causal-masked'
  | 'cached'
  | 'uncached';
export interface MeasureShape {
  /** 1 to 32768. */
  tokens: number;
  /** 1 to 64. */
  heads: number;
  /** 1 to 1024. */
  headDim: number;
}
/** One variant at one shape, timed on this machine, in one thread. */
export interface Measurement extends MeasureShape {
  variant: MeasureVariant;
  /**
   * Of one pass: the median of `repeats` samples, each the mean of `passes` that fill 5 ms together. A first pass warms
   * up and is not counted, unless it takes more than a second: then it is the only sample. Pauses between slices of work
   * do not count.
   */
  milliseconds: number;
  /** 1, or 3 to 25: as many as fit 250 ms. */
  repeats: number;
  passes: number;
  /**
   * 'cached' and 'uncached' only: the tokens that a pass decodes, the last of `tokens`. As many for both, and as few as
   * keep the uncached way below 1e10 FLOPs; milliseconds / decoded is what a token costs.
   */
  decoded?: number;
  /**
   * Of one pass, by formula: 4 * heads * headDim for every pair of a query and a key that are multiplied; the softmax is
   * not counted. n * n pairs; n (n + 1) / 2 for 'causal'; the sum of t over the decoded lengths t for 'cached', and of
   * t (t + 1) / 2 for 'uncached'.
   */
  flops: number;
  /** Memory that the core took for it beside queries, keys, values and output, as it was allocated. */
  bytes: number;
  /** Largest distance of a result from that of 'fused', or 'causal' where tokens see only what is before them. */
  difference: number;
  /** Largest distance of a result from attention in double precision; where tokens^2 * heads * headDim is at most 2^24. */
  error?: number;
  /** What was computed for the last token in the first head, [headDim]. */
  row: Float32Array;
}

/**
 * One token of a run and where it stands in the text that was given. Starts and ends never run backwards. A token that
 * holds a part of a character (a byte of an emoji) has the range of the whole character, like its neighbours. GPT's
 * tokens include the space before a word; BERT's leave out spaces, and an accent typed as a mark of its own lies within
 * its letter's range. An empty text is run as the token that begins a text where the model has one (<|endoftext|>).
 */
export interface Token {
  id: number;
  /** What the vocabulary calls it, made readable: "Ġthe" is " the", "##ing" is "ing". */
  text: string;
  /** UTF-16 range in the given text; empty (start = end) for tokens that the model adds. */
  start: number;
  end: number;
  /** [CLS], [SEP], [MASK], <|endoftext|>. */
  special: boolean;
}

/**
 * Which attention of a layer. Encoder-decoders have three kinds: 'self' is the decoder's own, 'cross' the decoder's to the
 * source, 'encoder' the encoder's own. All others have 'self', the default, alone.
 */
export type AttentionKind = 'self' | 'cross' | 'encoder';

interface Heads {
  layer?: number;
  head?: number;
  attention?: AttentionKind;
}
export type Intervention =
  | { silence: Heads }
  | { scale: Heads & { by: number } }
  | { temperature: Heads & { value: number } };

export interface RunOptions extends CallOptions {
  interventions?: readonly Intervention[];
  /** Sites to keep, * stands for anything; default: all. */
  record?: readonly string[];
  /**
   * Calls with the same lane follow "latest wins": one executes, one waits, and a newer one takes the waiting one's
   * place (which rejects with 'superseded'). Calls without a lane all run, in order.
   */
  lane?: string;
  /** What run.snapshot would be asked for: computed in the same message, ready as run.first. */
  needs?: SnapshotNeeds;
  /**
   * A text longer than the model's context: 'refuse' rejects with 'text-too-long' (default), 'window' runs the nearest
   * window of tokens around `caret` and says so in run.window.
   */
  overflow?: 'refuse' | 'window';
  /** UTF-16 index in the text that the window keeps in view; default: its end. */
  caret?: number;
  /**
   * Encoder-decoders: the text is the source. The target is this text, or, without it, what the model finds likeliest by
   * beam search. Its tokens begin with the one that begins every target; one that ends it is left out.
   */
  target?: string;
  /** Of that search: hypotheses that are followed at once, 1 (default: the likeliest token each time) to 16. */
  beams?: number;
  /** Of that search: tokens that are written at most; default: as many as the model has positions for. */
  maxTokens?: number;
  /** Of that search: a text of n tokens with probability p is worth log(p) / n^lengthPenalty; default 1. */
  lengthPenalty?: number;
}

/** What is to be computed from a finished run, in one message. Everything is optional; what is not named is not there. */
export interface SnapshotNeeds {
  /** The matrix of one head. */
  matrix?: HeadRef & { stage?: ModelStage };
  /** Every head's weights, pooled (mean) to at most `pixels` x `pixels` cells. */
  overview?: { pixels: number; attention?: AttentionKind };
  /** The whole arithmetic of one row. */
  row?: HeadRef & { token: TokenRef };
  /** The most probable next (causal) or filled-in (masked) tokens at `token`. */
  predictions?: { token: TokenRef; count: number; temperature?: number };
}

/** A token's index, or the token that a caret at a UTF-16 index of the text stands in or behind (Infinity: the last). */
export type TokenRef = number | { at: number };

export interface HeadRef {
  layer: number;
  head: number;
  /** Default 'self'. */
  attention?: AttentionKind;
}
/** A head, or the mean over the heads of a layer. Rows are tokens of the target (of the source: 'encoder'). */
export interface MatrixRef {
  layer: number;
  head: number | 'mean';
  attention?: AttentionKind;
}
export interface MatrixPart extends HeadRef {
  stage: ModelStage;
  rows: number;
  cols: number;
  /** [rows, cols]; hidden cells are -Infinity at 'masked' and 0 at 'weight'. */
  values: Float32Array;
  /** hidden[i * cols + j] is 1 where row i may not see column j. */
  hidden: Uint8Array;
}
export interface OverviewPart {
  attention?: AttentionKind;
  layers: number;
  heads: number;
  rows: number;
  cols: number;
  /** [layers, heads, rows, cols], weights. */
  values: Float32Array;
}
export interface RowPart extends HeadRef {
  token: number;
  keys: number;
  headDim: number;
  /** 1 / sqrt(headDim) and the temperature that the head's scores are divided by. */
  scale: number;
  temperature: number;
  gate: number;
  q: Float32Array; // [headDim]
  k: Float32Array; // [keys, headDim]
  v: Float32Array; // [keys, headDim]
  products: Float32Array; // [keys, headDim]
  dot: Float32Array; // [keys]
  scaled: Float32Array; // [keys]
  masked: Float32Array; // [keys], -Infinity where hidden
  exponent: Float32Array; // [keys]: exp(masked - maximum)
  maximum: number;
  total: number; // sum of exponent
  weight: Float32Array; // [keys]
  weighted: Float32Array; // [keys, headDim]: weight * v
  out: Float32Array; // [headDim]
}
export interface Prediction {
  id: number;
  text: string;
  logit: number;
  probability: number;
}
export interface PredictionsPart {
  token: number;
  /** 'next': what follows the token; 'fill': what stands at the token. */
  kind: 'next' | 'fill';
  temperature: number;
  candidates: readonly Prediction[];
}

/** One immutable message of typed arrays: all that a view may draw. */
export interface Snapshot {
  text: string;
  tokens: readonly Token[];
  /** Of an encoder-decoder: `text` is the source, `tokens` are the target's. */
  translation?: Translation;
  model: ModelInfo;
  interventions: readonly Intervention[];
  matrix?: MatrixPart;
  overview?: OverviewPart;
  row?: RowPart;
  predictions?: PredictionsPart;
}

/** The two texts of an encoder-decoder's run. */
export interface Translation {
  source: readonly Token[];
  target: string;
  /** log(probability) / tokens^lengthPenalty of a target that was searched; undefined of one that was given. */
  score: number | undefined;
}

export interface ModelInfo {
  name: string;
  family: 'gpt2' | 'bert' | 'llama' | 'marian';
  causal: boolean;
  /** Queries and keys are turned by their positions: sites attn.rot_q and attn.rot_k are what meets. */
  rotary: boolean;
  layers: number;
  heads: number;
  /** Heads of keys and values; query head h reads number floor(h * kvHeads / heads). */
  kvHeads: number;
  headDim: number;
  width: number;
  /** Tokens of the longest text that the model was trained for. */
  positions: number;
  /** The most that a run takes: positions, but far more in a rotary model, which may become worse beyond them. */
  longest: number;
  vocabulary: number;
  /** Of an encoder-decoder, whose decoder the other numbers are about. */
  encoder?: { layers: number; heads: number; headDim: number; vocabulary: number };
  parameters: number;
  /** What the matrices are kept as, and the bytes that all weights take. */
  weights: 'f32' | 'f16' | 'int8' | 'mixed';
  weightBytes: number;
  /** Tensors in the file that this family carries without need. */
  ignored: readonly string[];
  /** The token that stands for a blank, e.g. "[MASK]"; undefined where the family has none. */
  mask: string | undefined;
}

/**
 * What part of a long text a run covers (tokens outside were not computed). The window moves in steps of an eighth of
 * the context, so that what was computed is taken over from keystroke to keystroke; at the end of a text it may hold
 * that much fewer tokens than the context.
 */
export interface RunWindow {
  /** UTF-16 range of the text that was run. */
  start: number;
  end: number;
  /** Tokens of the whole text, and the most that the model can take. */
  totalTokens: number;
  limit: number;
}

export interface Run {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Undefined but of an encoder-decoder. */
  readonly translation: Translation | undefined;
  readonly interventions: readonly Intervention[];
  /** Leading tokens whose computation was taken over from an earlier run. */
  readonly reused: number;
  readonly window: RunWindow | undefined;
  /** The snapshot of options.needs, if there were any. */
  readonly first: Snapshot | undefined;
  snapshot(needs: SnapshotNeeds, options?: CallOptions): Promise<Snapshot>;
  /** Weights of one head or their mean, [tokens, tokens]; 'cross': [tokens, source tokens]. */
  weights(at: MatrixRef & { rows?: [number, number]; cols?: [number, number] }): Promise<Float32Array>;
  /** Scores of one head at a stage, likewise. */
  scores(
    at: MatrixRef & { stage?: Stage; rows?: [number, number]; cols?: [number, number] },
  ): Promise<Float32Array>;
  /** One token's row of a recorded site (see limelight/model.hpp for the names), or one head of it. */
  vector(site: string, at: { token: number; head?: number }): Promise<Float32Array>;
  /** Scores of the whole vocabulary at a token (default: the last). */
  logits(at?: { token?: number }): Promise<Float32Array>;
  predict(at?: { token?: number; count?: number; temperature?: number }): Promise<PredictionsPart>;
  sites(): Promise<readonly string[]>;
  /** A run that generate() grows outlives its loop when this was called. */
  keep(): void;
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface GenerateOptions extends CallOptions {
  maxTokens?: number;
  /** 0 (default): always the most probable token. */
  temperature?: number;
  topK?: number;
  /** Default 0. The same seed gives the same text. */
  seed?: number;
  interventions?: readonly Intervention[];
  needs?: SnapshotNeeds;
}
export interface GenerateStep {
  token: Token;
  /** The whole text so far. */
  text: string;
  /** One run that grows by a token each step. It is disposed when the loop ends, unless run.keep() was called. */
  run: Run;
}

export interface Model {
  readonly info: ModelInfo;
  tokenize(text: string): Promise<readonly Token[]>;
  run(text: string, options?: RunOptions): Promise<Run>;
  /**
   * Writes on, a token a step (causal models only; an encoder-decoder writes the target of the text). Ends after maxTokens, where the context is full, or where the model
   * ends its text: the token that says so is not yielded.
   */
  generate(text: string, options?: GenerateOptions): AsyncIterable<GenerateStep>;
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface LoadOptions extends CallOptions {
  /**
   * What matrices are kept as in memory: 'as-stored' in the file (BF16 as f32), widened to f32, or rounded to f16, or to
   * int8 with a scale per output feature, as the bytes stream in. 'auto' (default) is as stored, but f16 becomes f32 where
   * the model then takes at most 64 MiB: the results are the same bits, and an edit in the middle of a text is faster.
   */
  weights?: WeightFormat;
}

/** A shipped name, the URL of a folder in Hugging Face layout, or its files. */
export type ModelSource = string | URL | readonly File[];

/** Recipes that ship with the engine. */
export type ShippedRecipe = 'induction' | 'dates' | 'translation';

/**
 * All that a training depends on. Every member but the name of the task has a default, and unknown ones are refused; see
 * cpp/training/recipe.hpp.
 */
export interface TrainingRecipe {
  /** What is learnt; the other members are the task's own sizes. */
  task: { name: string; [size: string]: string | number };
  model?: {
    /** As the task needs it: 'gpt2' where it has no source, else 'marian'. */
    family?: 'gpt2' | 'marian';
    layers?: number;
    width?: number;
    heads?: number;
    /** 0: attention alone. */
    mlp_width?: number;
    /** Share of numbers that are dropped while training, 0 to 0.9. */
    dropout?: number;
  };
  training?: {
    /** A whole number. The same seed gives the same numbers, bit by bit, in the same build. */
    seed?: number;
    /** Examples a step. */
    batch?: number;
    /** After which the training is finished. */
    steps?: number;
    /** Highest, after `warmup` steps in a line from 0. */
    learning_rate?: number;
    /** At the end of half a cosine down from there. */
    last_learning_rate?: number;
    warmup?: number;
    weight_decay?: number;
    beta1?: number;
    beta2?: number;
    /** Gradients with a larger norm are scaled down to it; 0: never. */
    clip?: number;
  };
}

export interface TrainOptions extends CallOptions {
  /** Ends the training at any step: `done` rejects with 'aborted', and its worker is gone. The engine stays usable. */
  signal?: AbortSignal;
  /**
   * Called at most about 60 times a second, with all steps since the last time. No further report is made before it has
   * returned, so a slow display slows nothing else down. An error that it throws fails the training.
   */
  onStep?: (report: TrainingReport) => void;
  /** Puts a look into reports; it costs a pass over the examples each time. */
  watch?: WatchOptions;
  /** The most; default: as many as the machine does. */
  stepsPerSecond?: number;
  /** Wait for resume() or step() instead of starting at once. */
  paused?: boolean;
}
export interface WatchOptions {
  /** Steps from one look to the next, at least; default 1: a look in every report. */
  every?: number;
  /** Whether looks have attention maps; default: true. */
  maps?: boolean;
  /** The example whose maps are wanted; default 0. */
  example?: number;
}

export interface TrainingStep {
  /** Steps taken, this one included. */
  step: number;
  /** Mean cross-entropy of the batch before the step, in nats. */
  loss: number;
  learningRate: number;
  /** Of all parameters, before clipping. */
  gradientNorm: number;
}
export interface TrainingReport {
  /** Steps taken so far. */
  step: number;
  /**
   * Every step since the last report, in order. There may be none, where a training begins or pauses. A reset() or
   * restore() is a report, too: what was shown beyond `step` - steps.length is past then.
   */
  steps: readonly TrainingStep[];
  /** Only with options.watch. */
  look?: TrainingLook;
}

/** 'failed': `done` says why. */
export type TrainingState = 'running' | 'paused' | 'finished' | 'failed';

/** What stays the same during a training. */
export interface TrainingInfo {
  /** The recipe as the core has it, JSON. */
  recipe: string;
  /** The text of every id. */
  tokens: readonly string[];
  /** The same of the language that the encoder reads; empty where the task has no source. */
  sourceTokens: readonly string[];
  /** What stands between tokens when they are joined to a text: '' or ' '. */
  joint: string;
  /** The number of fixed examples that look() is about. */
  examples: number;
  /** Tokens of an example, and of its source (0: none). */
  length: number;
  sourceLength: number;
  batch: number;
  /** After which the training is finished. */
  steps: number;
  attentions: readonly TrainingAttention[];
}
export interface TrainingAttention {
  /** 'decoder': causal, over the tokens; 'cross': from the tokens to the source. */
  kind: 'encoder' | 'decoder' | 'cross';
  layer: number;
  heads: number;
  qLength: number;
  kvLength: number;
}

/** What the network does with the fixed held-out examples after some step. */
export interface TrainingLook {
  step: number;
  /** [examples, length] */
  ids: Int32Array;
  /** [examples, length]: what should follow each token and those before it; below 0 where that is not asked. */
  targets: Int32Array;
  /** [examples, length]: what the network finds most likely there. */
  predictions: Int32Array;
  /** [examples, sourceLength] and [examples]; the source is padded from its length on. */
  source?: Int32Array;
  sourceLengths?: Int32Array;
  /** In the order of TrainingInfo.attentions. */
  attentions: readonly AttentionLook[];
}
export interface AttentionLook extends TrainingAttention {
  /** The weights of all heads on one example, [heads, qLength, kvLength]; not there where no maps are wanted. */
  weights?: Float32Array;
  /** By head: the mean weight on the token before, 0 to 1; over all examples. 0 in cross-attention. */
  previous: Float64Array;
  /**
   * By head: the mean weight on what the task says it depends on, 0 to 1 ('induction': the token after the last
   * occurrence of this one; 'translation': the word that is translated). 0 where the task says nothing about it.
   */
  alignment: Float64Array;
}

/** How well the network does on examples that training does not see. */
export interface TrainingEvaluation {
  /** Mean cross-entropy, in nats. */
  loss: number;
  /** Share that is right, 0 to 1: of tokens or of whole rows, as the task has it. */
  score: number;
}

/**
 * A training in an engine of its own: a worker with its own memory (with worker: false, slices of the calling thread), so
 * that calls of the engine that it came from are answered as quickly as ever. Commands are heard between two steps. After
 * dispose(), or when the signal fired, they reject with 'disposed' or 'aborted'; when the worker was lost, with
 * 'engine-lost', until restore() or reset() start another one.
 */
export interface Training {
  readonly info: TrainingInfo;
  readonly state: TrainingState;
  /** The last one that was reported; undefined before any. */
  readonly last: TrainingStep | undefined;
  /**
   * Resolves when all steps of the recipe are taken. Rejects with 'invalid-value' when the loss is no number any more (a
   * smaller learning rate and restore() or reset() may help), 'engine-lost', 'out-of-memory', 'aborted' or 'disposed'.
   * reset() and restore() begin a new one.
   */
  readonly done: Promise<void>;
  /** Resolves when no further step is under way and all have been reported. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /**
   * Takes n steps (default 1) and pauses again; resolves to them, which are also reported, or to fewer where pause() or
   * reset() ends it. Goes beyond the recipe's steps
   * when these are taken. Errors: invalid-option (while it runs), invalid-shape (n).
   */
  step(n?: number): Promise<readonly TrainingStep[]>;
  /**
   * Back to step 0 and to the recipe's seed, or to another one (a whole number). Goes on if it was running, else it is
   * paused. Errors: invalid-value.
   */
  reset(seed?: number): Promise<void>;
  /**
   * What the schedule's learning rate is multiplied by: 0 to 1000, 1 at first. A reset() sets it back, checkpoints hold it.
   * Errors: invalid-value.
   */
  setLearningRateFactor(factor: number): Promise<void>;
  /** `example` as in WatchOptions. Errors: invalid-shape. */
  look(options?: { maps?: boolean; example?: number }): Promise<TrainingLook>;
  /** On that many held-out examples (default 256), rounded up to whole batches; the same each time. */
  evaluate(options?: { examples?: number }): Promise<TrainingEvaluation>;
  /** The whole state as a safetensors file: what follows from it has the same bits as what follows here. */
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Back to a checkpoint of a training with the same recipe; without bytes, to the last one that this training gave or
   * took. Goes on if it was running, else it is paused. Errors: corrupt-file, truncated-file, missing-tensor, unknown-tensor,
   * misshapen-tensor, invalid-option (another recipe; no checkpoint yet), invalid-value (no finite numbers); then
   * nothing was changed.
   */
  restore(bytes?: Uint8Array): Promise<void>;
  /**
   * The model as it is now, as files that loadModel() takes: config.json and model.safetensors in Hugging Face's names,
   * tokenizer.json, and target_tokenizer.json where the task has a source.
   */
  model(): Promise<File[]>;
  /** Bytes held by the buffers of the training's core and the size of its wasm memory. */
  memory(): Promise<{ live: number; wasm: number }>;
  /** Ends it and its worker. */
  dispose(): void;
  [Symbol.dispose](): void;
}

export interface Engine {
  readonly build: Build;
  /**
   * Threads that a call may be spread over now. Helpers start behind the engine, so it is 1 when loadEngine() resolves and
   * grows within some tens of milliseconds to what was asked for; a helper that cannot be started is done without. Calls on
   * arrays and models have helpers of their own: those of the half that was not preloaded come after its first call.
   */
  readonly threads: number;
  attention(request: AttentionRequest, options?: CallOptions): Promise<AttentionResult>;
  /** Any rectangle of the matrices that attention() never stores, exact or pooled: [rows, cols]. */
  explain(request: ExplainRequest, options?: CallOptions): Promise<Float32Array>;
  attentionGradient(
    request: AttentionGradientRequest,
    options?: CallOptions,
  ): Promise<AttentionGradientResult>;
  linearAttention(request: LinearAttentionRequest, options?: CallOptions): Promise<LinearAttentionResult>;
  rotaryTable(request: RotaryTableRequest, options?: CallOptions): Promise<RotaryTable>;
  /** Queries or keys turned by their positions, in the layout of the request. */
  rotate(request: RotateRequest, options?: CallOptions): Promise<Float32Array>;
  keyValueCache(options: KeyValueCacheOptions): Promise<KeyValueCache>;
  /** Weights with the sums of their rows and columns, in one pass. */
  margins(request: MarginsRequest, options?: CallOptions): Promise<Margins>;
  /**
   * What attention costs here, computed in one way or another, on noise that is made inside (always the same). Everything
   * is given back afterwards, but wasm memory does not shrink: what is large is best measured in an engine of its own.
   * Errors: invalid-option (the variant), invalid-shape (a size beyond its limits), out-of-memory, aborted.
   */
  measure(variant: MeasureVariant, shape: MeasureShape, options?: CallOptions): Promise<Measurement>;
  loadModel(source: ModelSource, options?: LoadOptions): Promise<Model>;
  /**
   * Trains a small transformer here: a shipped recipe's name, a recipe, or a recipe's JSON text. The code for it is fetched
   * now. The build is this engine's, without threads. It ends with this engine.
   * Errors: invalid-option, invalid-shape, corrupt-file (no JSON), each naming what is wrong with the recipe; load-failed,
   * out-of-memory, aborted.
   */
  train(recipe: ShippedRecipe | TrainingRecipe | string, options?: TrainOptions): Promise<Training>;
  /** Bytes held by the core's buffers and the size of its wasm memory, of both halves together. */
  memory(): Promise<{ live: number; wasm: number }>;
  dispose(): void;
  [Symbol.dispose](): void;
}
