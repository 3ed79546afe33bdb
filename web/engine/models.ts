// Loading a checkpoint: config and tokenizer whole, the weights streamed straight into the core.

import { type Address, kWeightFormats } from './core.ts';
import { LimelightError, throwIfAborted } from './errors.ts';
import {
  type Checkpoint,
  checkpointIn,
  kCheckpointNames,
  type NamedBlob,
  type Piece,
  readFile,
  readPieces,
  shippedModel,
} from './files.ts';
import type { ModelsCore } from './models-module.ts';
import { macrotask } from './platform.ts';
import type { CallContext, Source } from './protocol.ts';
import { TextTokenizer } from './tokenizer.ts';
import type { ModelInfo, WeightFormat } from './types.ts';

export interface LoadedModel {
  info: ModelInfo;
  /** Of the text that the model is given, and of the one that it writes: of an encoder-decoder they may differ. */
  tokenizer: TextTokenizer;
  target: TextTokenizer;
  /** The token that begins every target of an encoder-decoder. */
  start: number | undefined;
  /** What begins a text that is empty; undefined where the model has nothing for it. */
  begin: number | undefined;
  /** What ends a generated text. */
  ends: readonly number[];
  handle: Address;
}

/** The most that is copied into wasm memory at a time. */
const kPieceBytes = 1 << 18;

/** Errors: those of files.ts, of the core's ModelLoader, and unsupported-model. An aborted or failed load leaves nothing. */
export async function loadModel(
  core: ModelsCore,
  source: Source,
  format: WeightFormat,
  context: CallContext,
): Promise<LoadedModel> {
  const { signal } = context;
  const files = filesOf(source);
  const loader = core.made(core.calls.loaderCreate());
  const weights = readPieces(files.weights, signal);
  try {
    const decoder = new TextDecoder();
    // All at once: on a far server each wait for an answer costs more than the small files themselves.
    const beginning = weights.next();
    const read = (file: URL | NamedBlob) => readFile(file, signal).then((bytes) => decoder.decode(bytes));
    const [config, vocabulary] = await Promise.all([
      readFile(files.config, signal),
      read(files.tokenizer),
      TextTokenizer.prepare(),
      beginning.then(() => {}),
    ]);
    core.lendBytes(config, (at, bytes) =>
      naming(files.config, () =>
        core.check(core.calls.loaderConfigure(loader, at, bytes, kWeightFormats.indexOf(format))),
      ),
    );
    const tokenizer = await TextTokenizer.create(vocabulary, nameOf(files.tokenizer));
    const target = hasOwnTarget(decoder.decode(config))
      ? await targetTokenizer(files.target, read)
      : tokenizer;
    await feed(core, loader, files.weights, chain(await beginning, weights), context);
    throwIfAborted(signal);
    const handle = naming(files.weights, () => core.made(core.calls.loaderFinish(loader)));
    try {
      const described = JSON.parse(core.text(core.calls.modelDescription(handle))) as Description;
      const { startToken: start, endToken, ...rest } = described;
      const info = describe(rest, source, tokenizer);
      const ends = textEnds(decoder.decode(config), info, tokenizer);
      if (endToken !== undefined) ends.ends = [endToken];
      return { info, tokenizer, target, start, handle, ...ends };
    } catch (error) {
      core.calls.modelRelease(handle);
      throw error;
    }
  } finally {
    core.calls.loaderRelease(loader);
    void weights.return(undefined).catch(() => {});
  }
}

/** Whether the text that an encoder-decoder writes has a vocabulary of its own; the core has accepted the config. */
function hasOwnTarget(config: string): boolean {
  const { model_type, share_encoder_decoder_embeddings = true } = JSON.parse(config) as Record<
    string,
    unknown
  >;
  return model_type === 'marian' && share_encoder_decoder_embeddings === false;
}

async function targetTokenizer(
  file: URL | NamedBlob | undefined,
  read: (file: URL | NamedBlob) => Promise<string>,
): Promise<TextTokenizer> {
  if (!file) throw new LimelightError('load-failed', `${kCheckpointNames.target} is not among the files`);
  return TextTokenizer.create(await read(file), nameOf(file));
}

/** What a generator still has to give, behind what it gave first. */
async function* chain<T>(first: IteratorResult<T>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

async function feed(
  core: ModelsCore,
  loader: Address,
  file: URL | NamedBlob,
  pieces: AsyncIterable<Piece>,
  context: CallContext,
): Promise<void> {
  let done = 0;
  for await (const { bytes, total } of pieces) {
    for (let at = 0; at < bytes.length; at += kPieceBytes) {
      core.lendBytes(bytes.subarray(at, at + kPieceBytes), (address, count) =>
        naming(file, () => core.check(core.calls.loaderFeed(loader, address, count))),
      );
    }
    done += bytes.length;
    context.onProgress?.({ phase: 'model', done, total });
    await macrotask(); // keystrokes go on while another model loads
    throwIfAborted(context.signal);
  }
}

function filesOf(source: Source): Checkpoint<URL | NamedBlob> {
  if (source.kind === 'name') return shippedModel(source.name, source.folder);
  if (source.kind === 'folder') return checkpointIn(new URL(source.url));
  const find = (name: string): NamedBlob => {
    const file = source.files.find((candidate) => candidate.name === name);
    if (!file) throw new LimelightError('load-failed', `${name} is not among the files`);
    return file;
  };
  return {
    config: find(kCheckpointNames.config),
    tokenizer: find(kCheckpointNames.tokenizer),
    weights: find(kCheckpointNames.weights),
    target: source.files.find(({ name }) => name === kCheckpointNames.target),
  };
}

const nameOf = (file: URL | NamedBlob): string => (file instanceof URL ? file.href : file.name);

/** Puts the file's name before what the core found wrong in it. */
function naming<T>(file: URL | NamedBlob, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LimelightError)) throw error;
    throw new LimelightError(error.code, `${nameOf(file)}: ${error.message}`);
  }
}

type Description = Omit<ModelInfo, 'name' | 'mask'> & { startToken?: number; endToken?: number };

function describe(
  description: Omit<ModelInfo, 'name' | 'mask'>,
  source: Source,
  tokenizer: TextTokenizer,
): ModelInfo {
  const path = source.kind === 'folder' ? new URL(source.url).pathname.split('/').filter(Boolean) : [];
  const name = source.kind === 'name' ? source.name : decodeURIComponent(path.at(-1) ?? 'model');
  const hasMask = !description.causal && tokenizer.idOf('[MASK]') !== undefined;
  return { name, ...description, mask: hasMask ? '[MASK]' : undefined };
}

function textEnds(
  config: string,
  info: ModelInfo,
  tokenizer: TextTokenizer,
): Pick<LoadedModel, 'begin' | 'ends'> {
  const { bos_token_id: begin, eos_token_id: end } = JSON.parse(config) as {
    bos_token_id?: unknown;
    eos_token_id?: unknown;
  };
  const isId = (id: unknown): id is number => Number.isInteger(id) && (id as number) < info.vocabulary;
  const written = tokenizer.idOf('<|endoftext|>');
  const fallback = info.causal ? written : undefined;
  return {
    begin: info.causal && isId(begin) ? begin : fallback,
    ends: (Array.isArray(end) ? end : [end ?? fallback]).filter(isId),
  };
}
