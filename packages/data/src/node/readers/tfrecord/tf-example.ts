/** The first value of a feature of a `tf.train.Example`, and how many there are. */
export type TfFeature =
  /** Place of the bytes inside the record. */
  | { type: 'bytes'; count: number; start: number; length: number }
  | { type: 'int64'; count: number; value: number }
  | { type: 'float'; count: number; value: number };

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** Numbers of the lists in `tf.train.Feature`. */
const BYTES_LIST = 1;
const FLOAT_LIST = 2;
const INT64_LIST = 3;

/**
 * Finds the features of a serialised `tf.train.Example`. Only places and first values are kept, so a hostile record takes no memory.
 *
 * @throws RangeError when the bytes are no such message
 */
export function parseTfExample(record: Uint8Array): Map<string, TfFeature> {
  const features = new Map<string, TfFeature>();
  // Example { Features features = 1; }   Features { map<string, Feature> feature = 1; }
  for (const field of fields(record, 0, record.length)) {
    if (field.number !== 1 || field.wireType !== BYTES) continue;
    for (const entry of fields(record, field.start, field.end)) {
      if (entry.number === 1 && entry.wireType === BYTES) addFeature(features, record, entry);
    }
  }
  return features;
}

interface Field {
  number: number;
  wireType: number;
  /** Of a varint. */
  value: bigint;
  /** Content in the record. */
  start: number;
  end: number;
}

/** A map entry: string key = 1; Feature value = 2; */
function addFeature(features: Map<string, TfFeature>, record: Uint8Array, entry: Field): void {
  let key = '';
  let feature: TfFeature | undefined;
  for (const field of fields(record, entry.start, entry.end)) {
    if (field.wireType !== BYTES) continue;
    if (field.number === 1) key = new TextDecoder().decode(record.subarray(field.start, field.end));
    else if (field.number === 2) feature = parseFeature(record, field);
  }
  if (feature) features.set(key, feature);
}

/** Feature { oneof { BytesList bytes_list = 1; FloatList float_list = 2; Int64List int64_list = 3; } }, each repeated value = 1. */
function parseFeature(record: Uint8Array, message: Field): TfFeature | undefined {
  let feature: TfFeature | undefined;
  for (const list of fields(record, message.start, message.end)) {
    if (list.wireType !== BYTES) continue;
    if (list.number === BYTES_LIST) {
      let count = 0;
      let place = { start: list.start, length: 0 };
      for (const { number, wireType, start, end } of fields(record, list.start, list.end)) {
        if (number === 1 && wireType === BYTES && count++ === 0)
          place = { start, length: end - start };
      }
      feature = { type: 'bytes', count, ...place };
    } else if (list.number === INT64_LIST) feature = parseInt64List(record, list);
    else if (list.number === FLOAT_LIST) feature = parseFloatList(record, list);
  }
  return feature;
}

function parseInt64List(record: Uint8Array, list: Field): TfFeature {
  let count = 0;
  let first = 0n;
  const add = (value: bigint): void => {
    if (count++ === 0) first = value;
  };
  for (const { number, wireType, value, start, end } of fields(record, list.start, list.end)) {
    if (number !== 1) continue;
    if (wireType === VARINT) add(value);
    else if (wireType === BYTES) {
      // Packed: values without tags.
      for (let position = start; position < end;) {
        const varint = readVarint(record, position, end);
        add(varint.value);
        position = varint.end;
      }
    }
  }
  return { type: 'int64', count, value: Number(BigInt.asIntN(64, first)) };
}

function parseFloatList(record: Uint8Array, list: Field): TfFeature {
  const view = new DataView(record.buffer, record.byteOffset, record.byteLength);
  let count = 0;
  let value = 0;
  for (const { number, wireType, start, end } of fields(record, list.start, list.end)) {
    const isPacked = wireType === BYTES;
    if (number !== 1 || !(isPacked || wireType === FIXED32) || end - start < 4) continue;
    if (count === 0) value = view.getFloat32(start, true);
    count += Math.floor((end - start) / 4);
  }
  return { type: 'float', count, value };
}

function* fields(bytes: Uint8Array, from: number, to: number): Generator<Field> {
  for (let position = from; position < to;) {
    const tag = readVarint(bytes, position, to);
    const wireType = Number(tag.value & 7n);
    let start = tag.end;
    let end: number;
    let value = 0n;
    if (wireType === VARINT) ({ value, end } = readVarint(bytes, start, to));
    else if (wireType === FIXED64) end = start + 8;
    else if (wireType === FIXED32) end = start + 4;
    else if (wireType === BYTES) {
      const length = readVarint(bytes, start, to);
      start = length.end;
      end = start + Number(length.value);
    } else throw new RangeError(`wire type ${wireType} at byte ${position}`);
    if (end > to)
      throw new RangeError(`a field that is longer than its message at byte ${position}`);
    yield { number: Number(tag.value >> 3n), wireType, value, start, end };
    position = end;
  }
}

function readVarint(bytes: Uint8Array, from: number, to: number): { value: bigint; end: number } {
  // Most are short; bigints are only needed from the fifth byte on.
  let low = 0;
  for (let i = 0; i < 4; i++) {
    const byte = bytes[from + i]!;
    if (from + i >= to) throw new RangeError(`a cut number at byte ${from}`);
    low |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return { value: BigInt(low), end: from + i + 1 };
  }
  let value = BigInt(low);
  for (let i = 4; i < 10; i++) {
    const byte = bytes[from + i]!;
    if (from + i >= to) break;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value, end: from + i + 1 };
  }
  throw new RangeError(`a cut or overlong number at byte ${from}`);
}
