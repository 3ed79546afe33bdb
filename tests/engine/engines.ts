// Engines as the package has them, and things to give them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadEngine } from '../../dist/index.js';
import type { AttentionRequest, Engine, EngineOptions } from '../../web/engine/types.ts';
import { modelFolder, type ShippedModel } from '../reference/shipped.ts';

export const kModelsFolder = fileURLToPath(new URL('../../web/models/', import.meta.url));
export const kDist = new URL('../../dist/', import.meta.url);

export const kPlaces = [{ worker: false }, { worker: true }] as const;

export function start(options: EngineOptions = {}): Promise<Engine> {
  return loadEngine({ build: 'simd', modelsUrl: kModelsFolder, ...options });
}

/** Two heads of four numbers, three queries and five keys. */
export function request(changes: Partial<AttentionRequest> = {}): AttentionRequest {
  const wave = (length: number, phase: number) =>
    Float32Array.from({ length }, (_, i) => Math.sin(3 * i + phase));
  return { q: wave(24, 0), k: wave(40, 1), v: wave(40, 2), heads: 2, qLength: 3, ...changes };
}

const kFileNames = ['config.json', 'tokenizer.json', 'model.safetensors'] as const;

/** A shipped model as files, some of them replaced (or left out: undefined). */
export function filesOf(
  name: ShippedModel,
  changes: Partial<Record<(typeof kFileNames)[number], Uint8Array | string | undefined>> = {},
): File[] {
  return kFileNames
    .filter((file) => !(file in changes) || changes[file] !== undefined)
    .map(
      (file) => new File([(changes[file] ?? readFileSync(`${modelFolder(name)}/${file}`)) as BlobPart], file),
    );
}

export function weightsOf(name: ShippedModel): Uint8Array {
  return new Uint8Array(readFileSync(`${modelFolder(name)}/model.safetensors`));
}

export const kSentence = 'The old man gave his daughter a book, and she thanked him for the book';

/** More than the shipped models' context. */
export const kLongText = `${kSentence}. `.repeat(20);
