// Small ONNX models, written as protobuf by hand: a field is a number, a wire type and its bytes.
// Source of the field numbers: onnx.proto of ONNX 1.17.

const kEncoder = new TextEncoder();

/** Unsigned, and small enough for a double. */
function varint(value) {
  const bytes = [];
  let rest = value;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Uint8Array.from(bytes);
}

const sizeOf = (pieces) => pieces.reduce((sum, piece) => sum + piece.length, 0);
const integer = (field, value) => [varint(field * 8), varint(value)];
const float = (field, value) => [varint(field * 8 + 5), new Uint8Array(Float32Array.of(value).buffer)];
/** A length-delimited field: text, bytes, or a message that is a list of fields. */
function part(field, content) {
  const pieces = typeof content === 'string' ? [kEncoder.encode(content)] : [content].flat(Infinity);
  return [varint(field * 8 + 2), varint(sizeOf(pieces)), ...pieces];
}

const kTypes = { float32: 1, int64: 7, int32: 6 };

function attribute(name, value) {
  if (Array.isArray(value)) return [part(1, name), ...value.map((item) => integer(8, item)), integer(20, 7)];
  if (typeof value === 'string') return [part(1, name), part(4, value), integer(20, 3)];
  if (typeof value === 'object') return [part(1, name), float(2, value.float), integer(20, 1)];
  return [part(1, name), integer(3, value), integer(20, 2)];
}

/** Integers are written as they are, `{ float: x }` is a float. */
export function node(type, inputs, outputs, attributes = {}, domain = '') {
  return [
    ...inputs.map((name) => part(1, name)),
    ...outputs.map((name) => part(2, name)),
    part(4, type),
    ...Object.entries(attributes).map(([name, value]) => part(5, attribute(name, value))),
    ...(domain ? [part(7, domain)] : []),
  ];
}

/** A node of ONNX Runtime's own operators. */
export const contrib = (type, inputs, outputs, attributes) =>
  node(type, inputs, outputs, attributes, 'com.microsoft');

/** A constant; `values` a Float32Array or BigInt64Array. */
export function constant(name, dims, values) {
  const type = values instanceof BigInt64Array ? kTypes.int64 : kTypes.float32;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return [...dims.map((dim) => integer(1, dim)), integer(2, type), part(8, name), part(9, bytes)];
}

/** An input or output; a dimension may be a name. */
export function value(name, dims, type = 'float32') {
  const shape = dims.map((dim) => part(1, typeof dim === 'string' ? part(2, dim) : integer(1, dim)));
  return [part(1, name), part(2, part(1, [integer(1, kTypes[type]), part(2, shape)]))];
}

/** The bytes of a model. */
export function model({ nodes, constants = [], inputs, outputs, opset = 23 }) {
  const graph = [
    ...nodes.map((item) => part(1, item)),
    part(2, 'graph'),
    ...constants.map((item) => part(5, item)),
    ...inputs.map((item) => part(11, item)),
    ...outputs.map((item) => part(12, item)),
  ];
  const pieces = [
    integer(1, 10),
    part(7, graph),
    part(8, [part(1, ''), integer(2, opset)]),
    part(8, [part(1, 'com.microsoft'), integer(2, 1)]),
  ].flat(Infinity);
  const bytes = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
