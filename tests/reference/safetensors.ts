// Reads safetensors from the format's description: eight bytes little-endian length, a JSON header of that length, then
// the tensors' bytes at the header's offsets. Everything becomes float64. https://github.com/huggingface/safetensors

export interface Tensor {
  shape: readonly number[];
  data: Float64Array;
}

/** IEEE 754 binary16 from its 16 bits: sign, 5 bits of exponent with bias 15, 10 bits of fraction. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** bfloat16 is the upper half of a binary32. */
export function bfloatToNumber(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits * 65536);
  return view.getFloat32(0);
}

const kReaders: Record<string, { bytes: number; read(view: DataView, at: number): number }> = {
  F64: { bytes: 8, read: (view, at) => view.getFloat64(at, true) },
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => halfToNumber(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => bfloatToNumber(view.getUint16(at, true)) },
};

export function readSafetensors(bytes: Uint8Array): Map<string, Tensor> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + headerLength))) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const reader = kReaders[entry.dtype];
    if (!reader) throw new Error(`${name}: dtype ${entry.dtype}`);
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const [begin, end] = entry.data_offsets;
    if (end - begin !== count * reader.bytes)
      throw new Error(`${name}: ${end - begin} bytes for ${count} numbers`);
    const data = new Float64Array(count);
    for (let i = 0; i < count; i++) data[i] = reader.read(view, 8 + headerLength + begin + i * reader.bytes);
    tensors.set(name, { shape: entry.shape, data });
  }
  return tensors;
}
