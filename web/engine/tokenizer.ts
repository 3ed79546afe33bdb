// From text to token ids with their places in the text, and from ids back to text.
//
// @huggingface/tokenizers does the work piece by piece (normaliser, splitting into words, the vocabulary); this file keeps
// track of where each piece came from.

import type { Tokenizer as Library } from '@huggingface/tokenizers';
import { LimelightError } from './errors.ts';
import { decodeUtf8, type NormalisedCharacter, type Origins, originsOfNormalised } from './offsets.ts';
import type { ErrorCode, Token } from './types.ts';

/** Steps that the library's types leave out. */
interface Vocabulary {
  encode(words: string[]): string[];
  unk_token?: string;
}

/** Normalisers that turn every character into its own run of units: what offsets.ts can follow. */
const kNormalisers = new Set(['BertNormalizer', 'Lowercase', 'NFD', 'NFKD', 'StripAccents']);

const kUntraceable = 'the tokenizer changes the text in a way that cannot be followed';

const kRememberedWords = 50_000;

interface Word {
  ids: readonly number[];
  /** Where each token begins and ends, in units of the word: bytes, or UTF-16 units of the normalised text. */
  starts: readonly number[];
  ends: readonly number[];
}

interface Part {
  text: string;
  /** Id of the added token that the part is; undefined for ordinary text. */
  id: number | undefined;
}

export class TextTokenizer {
  readonly #library: Library;
  readonly #vocabulary: Vocabulary;
  readonly #bytes: boolean;
  readonly #prefix: string;
  readonly #added: ReadonlyMap<string, number>;
  readonly #addedIds: ReadonlyMap<number, { content: string; special: boolean }>;
  readonly #split: RegExp | undefined;
  readonly #frame: { before: readonly number[]; after: readonly number[] };
  readonly #words = new Map<string, Word>();
  readonly #names = new Map<number, { text: string; special: boolean }>();
  readonly #characters = new Map<string, NormalisedCharacter>();

  private constructor(tokenizer: Library, json: TokenizerJson) {
    this.#library = tokenizer;
    this.#vocabulary = tokenizer.model as unknown as Vocabulary;
    this.#bytes = json.decoder?.type === 'ByteLevel';
    this.#prefix = json.model?.continuing_subword_prefix ?? '';
    const added = [...tokenizer.get_added_tokens_decoder()];
    this.#added = new Map(added.map(([id, { content }]) => [content, id]));
    this.#addedIds = new Map(added.map(([id, { content, special }]) => [id, { content, special }]));
    const contents = [...this.#added.keys()].filter((content) => content.length > 0);
    contents.sort((a, b) => b.length - a.length); // the longest that matches wins
    if (contents.length > 0) this.#split = new RegExp(`(${contents.map(escaped).join('|')})`);
    this.#frame = this.#framing();
  }

  /** Fetches the library, so that it is there when the vocabulary is. */
  static async prepare(): Promise<void> {
    await import('@huggingface/tokenizers');
  }

  /** Errors: corrupt-file, unsupported-model. */
  static async create(text: string, name: string): Promise<TextTokenizer> {
    let json: TokenizerJson;
    try {
      json = JSON.parse(text) as TokenizerJson;
    } catch (error) {
      throw new LimelightError('corrupt-file', `${name} is no JSON: ${(error as Error).message}`);
    }
    const { Tokenizer } = await import('@huggingface/tokenizers');
    // The library looks at its file as it goes: what does not fit becomes a TypeError somewhere.
    return typed('corrupt-file', `${name} is no tokenizer`, () => {
      const library = new Tokenizer(json, {});
      refuseUnsupported(json, name);
      refuseCorrupt(json, name);
      return new TextTokenizer(library, json);
    });
  }

  /** Ids that the model puts around every text, such as [CLS] and [SEP]. */
  get before(): readonly number[] {
    return this.#frame.before;
  }
  get after(): readonly number[] {
    return this.#frame.after;
  }

  /**
   * The tokens of a text, without those that the model puts around it. Cost: linear in the text.
   * Errors: unsupported-model.
   */
  encode(text: string): Token[] {
    return typed('unsupported-model', 'the tokenizer cannot read this text', () => this.#encode(text));
  }

  #encode(text: string): Token[] {
    const tokens: Token[] = [];
    let at = 0;
    for (const part of this.#parts(text)) {
      const end = at + part.text.length;
      if (part.id !== undefined) tokens.push(this.token(part.id, at, end));
      else this.#encodePart(part.text, at, tokens);
      at = end;
    }
    return tokens;
  }

  token(id: number, start: number, end: number): Token {
    let known = this.#names.get(id);
    if (!known) {
      known = { text: this.readable(id), special: this.#addedIds.get(id)?.special ?? false };
      this.#names.set(id, known);
    }
    return { id, text: known.text, start, end, special: known.special };
  }

  /** The id of a token that the vocabulary holds under exactly that name. */
  idOf(token: string): number | undefined {
    return this.#library.token_to_id(token);
  }

  /** A token's name as it reads in a text: "Ġthe" is " the", "##ing" is "ing". */
  readable(id: number): string {
    const added = this.#addedIds.get(id);
    if (added) return added.content;
    if (this.#bytes) return decodeUtf8(this.bytesOf(id)).text;
    const name = this.#library.id_to_token(id) ?? '';
    return this.#prefix && name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : name;
  }

  /** The bytes that a token of a byte-level vocabulary stands for. */
  bytesOf(id: number): Uint8Array {
    const added = this.#addedIds.get(id);
    if (added) return kEncoder.encode(added.content);
    const name = this.#library.id_to_token(id) ?? '';
    return Uint8Array.from(name, (character) => byteOf(character));
  }

  /** The text that ids of a byte-level vocabulary stand for, and their places in it, counted from `offset`. */
  decode(ids: readonly number[], offset: number): { text: string; tokens: Token[] } {
    const parts = ids.map((id) => this.bytesOf(id));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    const { text, start, end } = decodeUtf8(bytes);
    at = 0;
    const tokens = parts.map((part, i) => {
      const first = start[at] ?? text.length;
      const last = part.length === 0 ? first : end[at + part.length - 1]!;
      at += part.length;
      return this.token(ids[i]!, offset + first, offset + last);
    });
    return { text, tokens };
  }

  /** Cuts a text at the added tokens that are written in it, the longest first, as the library does. */
  #parts(text: string): Part[] {
    if (!this.#split) return text.length > 0 ? [{ text, id: undefined }] : [];
    return text
      .split(this.#split)
      .filter((piece) => piece.length > 0)
      .map((piece) => ({ text: piece, id: this.#added.get(piece) }));
  }

  #encodePart(part: string, offset: number, tokens: Token[]): void {
    const { normalizer, pre_tokenizer } = this.#library;
    const text = normalizer ? normalizer.normalize(part) : part;
    const origins = normalizer ? this.#origins(part, text) : undefined;
    const words = pre_tokenizer ? pre_tokenizer.pre_tokenize(text) : [text];
    if (this.#bytes) this.#placeBytes(words, text, origins, offset, tokens);
    else this.#placeWords(words, text, origins, offset, tokens);
  }

  /** Words are substrings of the normalised text, with nothing but spaces between them. */
  #placeWords(
    words: string[],
    text: string,
    origins: Origins | undefined,
    offset: number,
    tokens: Token[],
  ): void {
    let at = 0;
    for (const word of words) {
      const from = text.indexOf(word, at);
      if (from < 0) throw new LimelightError('unsupported-model', kUntraceable);
      at = from + word.length;
      const { ids, starts, ends } = this.#word(word);
      ids.forEach((id, i) => {
        const [first, last] = [from + starts[i]!, from + ends[i]!];
        const start = origins ? origins.start[first]! : first;
        const end = origins ? origins.end[last - 1]! : last;
        tokens.push(this.token(id, offset + start, offset + end));
      });
    }
  }

  /** Words are the text's bytes, one character each; a pre-tokeniser may have put a space before them. */
  #placeBytes(
    words: string[],
    text: string,
    origins: Origins | undefined,
    offset: number,
    tokens: Token[],
  ): void {
    const { start, end } = decodeUtf8(kEncoder.encode(text));
    const invented = words.reduce((sum, word) => sum + word.length, 0) - start.length;
    const startOf = (byte: number): number => {
      const unit = start[Math.max(0, byte)] ?? 0;
      return origins ? origins.start[unit]! : unit;
    };
    const endOf = (byte: number): number => {
      if (byte < 0) return startOf(0);
      const unit = end[byte]! - 1;
      return origins ? origins.end[unit]! : unit + 1;
    };
    let at = -invented;
    for (const word of words) {
      const { ids, starts, ends } = this.#word(word);
      ids.forEach((id, i) => {
        tokens.push(this.token(id, offset + startOf(at + starts[i]!), offset + endOf(at + ends[i]! - 1)));
      });
      at += word.length;
    }
  }

  #word(word: string): Word {
    const known = this.#words.get(word);
    if (known) return known;
    const names = this.#vocabulary.encode([word]);
    const ids = names.map((name) => this.#library.token_to_id(name));
    const lengths = names.map((name, i) =>
      i > 0 && name.startsWith(this.#prefix) ? name.length - this.#prefix.length : name.length,
    );
    const whole = lengths.reduce((sum, length) => sum + length, 0) === word.length;
    // An unknown word is one token that covers it; so is each where they do not add up to the word.
    const ends = whole ? runningSum(lengths) : lengths.map(() => word.length);
    const starts = ends.map((_, i) => (whole ? (ends[i - 1] ?? 0) : 0));
    if (ids.some((id) => id === undefined) || ids.length === 0)
      throw new LimelightError(
        'unsupported-model',
        `the vocabulary has no token for ${JSON.stringify(word.slice(0, 60))}`,
      );
    const found = { ids: ids as number[], starts, ends };
    if (this.#words.size >= kRememberedWords) this.#words.clear();
    if (word.length < 256) this.#words.set(word, found);
    return found;
  }

  #origins(text: string, normalised: string): Origins {
    const { normalizer } = this.#library;
    const origins = originsOfNormalised(text, normalised.length, (character) => {
      let known = this.#characters.get(character);
      if (!known) {
        const alone = normalizer!.normalize(character);
        known = { length: alone.length, visible: alone.trim().length > 0 };
        this.#characters.set(character, known);
      }
      return known;
    });
    if (!origins) throw new LimelightError('unsupported-model', kUntraceable);
    return origins;
  }

  #framing(): { before: number[]; after: number[] } {
    const inside = '\u0000';
    const framed = this.#library.post_processor?.post_process([inside], null, true).tokens ?? [inside];
    const at = framed.indexOf(inside);
    if (at < 0)
      throw new LimelightError(
        'unsupported-model',
        'the tokenizer leaves the text out of what it makes of it',
      );
    const ids = (names: readonly string[]) =>
      names.map((name) => {
        const id = this.#library.token_to_id(name);
        if (id !== undefined) return id;
        throw new LimelightError(
          'corrupt-file',
          `the tokenizer puts ${JSON.stringify(name)} around texts, which its vocabulary does not hold`,
        );
      });
    return { before: ids(framed.slice(0, at)), after: ids(framed.slice(at + 1)) };
  }
}

/** The parts of tokenizer.json that are looked at here; the library checks the rest. */
interface TokenizerJson {
  normalizer?: { type?: string; normalizers?: { type?: string }[] } | null;
  decoder?: { type?: string } | null;
  model?: { type?: string; continuing_subword_prefix?: string; vocab?: Record<string, number> };
  added_tokens?: {
    id: number;
    content: string;
    normalized?: boolean;
    lstrip?: boolean;
    rstrip?: boolean;
    special?: boolean;
  }[];
}

/** What the library takes as it is, and would hand on: ids that are none, tokens that are no texts. */
function refuseCorrupt(json: TokenizerJson, name: string): void {
  const refuse = (token: unknown): never => {
    throw new LimelightError(
      'corrupt-file',
      `${name}: the entry of the token ${JSON.stringify(token)} is no such`,
    );
  };
  const isId = (id: unknown) => Number.isInteger(id) && (id as number) >= 0 && (id as number) < 2 ** 31;
  for (const [token, id] of Object.entries(json.model?.vocab ?? {})) if (!isId(id)) refuse(token);
  for (const token of json.added_tokens ?? []) {
    const { id, content, special = false } = token;
    if (!isId(id) || typeof content !== 'string' || typeof special !== 'boolean') refuse(token);
  }
}

function refuseUnsupported(json: TokenizerJson, name: string): void {
  const refuse = (what: string): never => {
    throw new LimelightError('unsupported-model', `${name}: ${what}`);
  };
  const kind = json.model?.type;
  const decoder = json.decoder?.type;
  if (!(kind === 'BPE' && decoder === 'ByteLevel') && !(kind === 'WordPiece' && decoder === 'WordPiece'))
    refuse(`a ${kind} tokenizer with a ${decoder} decoder; byte-level BPE and WordPiece are served`);
  const { normalizer } = json;
  for (const step of normalizer?.type === 'Sequence'
    ? (normalizer.normalizers ?? [])
    : normalizer
      ? [normalizer]
      : [])
    if (!kNormalisers.has(step.type ?? '')) refuse(`the normaliser ${step.type} is not served`);
  for (const { content, lstrip, rstrip, normalized, special } of json.added_tokens ?? []) {
    if (lstrip || rstrip) refuse(`the token ${content} takes spaces away, which is not served`);
    if (normalizer && (normalized ?? !special))
      refuse(`the token ${content} is looked for in normalised text, which is not served`);
  }
}

/** What `body` gives; an error of any other kind that it throws becomes a LimelightError. */
function typed<T>(code: ErrorCode, what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof LimelightError) throw error;
    throw new LimelightError(code, `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function runningSum(lengths: readonly number[]): number[] {
  let sum = 0;
  return lengths.map((length) => {
    sum += length;
    return sum;
  });
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

const kEncoder = new TextEncoder();

/**
 * Byte-level vocabularies write every byte as a printable character: those that are printable in Latin-1 as themselves,
 * the others, in order, as U+0100 and following.
 */
const kBytes = new Map<string, number>();
function byteOf(character: string): number {
  if (kBytes.size === 0) {
    let next = 0x100;
    for (let byte = 0; byte < 256; byte++) {
      const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
      kBytes.set(String.fromCharCode(printable ? byte : next++), byte);
    }
  }
  return kBytes.get(character) ?? 0x3f;
}
