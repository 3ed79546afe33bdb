// Checkpoints with random weights, as files: numbers about as large as trained ones, the same every time.

/** A safetensors file of tensors with these names and shapes; vectors are about 1 where they multiply (norms' weights). */
export function randomCheckpoint(tensors: readonly (readonly [name: string, shape: number[]])[]): Uint8Array {
  let state = 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  const header: Record<string, unknown> = {};
  const numbers: number[] = [];
  for (const [name, shape] of tensors) {
    const count = shape.reduce((product, size) => product * size, 1);
    const begin = 4 * numbers.length;
    const middle = shape.length === 1 && name.endsWith('weight') ? 1 : 0;
    const spread = shape.length === 1 ? 0.3 : 2 / Math.sqrt(shape[1]!);
    for (let i = 0; i < count; i++) numbers.push(middle + spread * random());
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, 4 * numbers.length] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length + 4 * numbers.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  file.set(new Uint8Array(Float32Array.from(numbers).buffer), 8 + text.length);
  return file;
}
