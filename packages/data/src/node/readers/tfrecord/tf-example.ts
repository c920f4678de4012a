import { PbfReader } from 'pbf';

/** The first value of a feature of a `tf.train.Example`, and the number of values. */
export type TfFeature =
  /** Position of the bytes in the record. */
  | { type: 'bytes'; count: number; start: number; length: number }
  | { type: 'int64'; count: number; value: number }
  | { type: 'float'; count: number; value: number };

/** Wire types, as in {@link PbfReader.type}. */
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** Numbers of the lists in `tf.train.Feature`. */
const BYTES_LIST = 1;
const FLOAT_LIST = 2;
const INT64_LIST = 3;

/**
 * Finds the features of a serialised `tf.train.Example`. Only positions and first values are kept, so a
 * hostile record takes no memory.
 *
 * @throws Error if the bytes are not such a message
 */
export function parseTfExample(record: Uint8Array): Map<string, TfFeature> {
  const features = new Map<string, TfFeature>();
  const reader = new PbfReader(record);
  // Example { Features features = 1; }   Features { map<string, Feature> feature = 1; }
  eachField(reader, reader.length, (number, end) => {
    if (number !== 1 || reader.type !== BYTES) return;
    eachField(reader, enter(reader, end), (entry, endOfFeatures) => {
      if (entry === 1 && reader.type === BYTES)
        addFeature(features, reader, enter(reader, endOfFeatures));
    });
  });
  return features;
}

/** A map entry: string key = 1; Feature value = 2; */
function addFeature(features: Map<string, TfFeature>, reader: PbfReader, end: number): void {
  let key = '';
  let feature: TfFeature | undefined;
  eachField(reader, end, (number) => {
    if (reader.type !== BYTES) return;
    if (number === 1) key = reader.readString();
    else if (number === 2) feature = readFeature(reader, enter(reader, end));
  });
  if (feature) features.set(key, feature);
}

/**
 * Feature { oneof { BytesList bytes_list = 1; FloatList float_list = 2; Int64List int64_list = 3; } },
 * each with repeated value = 1.
 */
function readFeature(reader: PbfReader, end: number): TfFeature | undefined {
  let feature: TfFeature | undefined;
  eachField(reader, end, (list) => {
    if (reader.type !== BYTES) return;
    if (list === BYTES_LIST) feature = readBytesList(reader, enter(reader, end));
    else if (list === INT64_LIST) feature = readInt64List(reader, enter(reader, end));
    else if (list === FLOAT_LIST) feature = readFloatList(reader, enter(reader, end));
  });
  return feature;
}

function readBytesList(reader: PbfReader, end: number): TfFeature {
  const feature: TfFeature = { type: 'bytes', count: 0, start: reader.pos, length: 0 };
  eachField(reader, end, (number) => {
    if (number !== 1 || reader.type !== BYTES || feature.count++ > 0) return;
    const stop = enter(reader, end);
    feature.start = reader.pos;
    feature.length = stop - reader.pos;
    reader.pos = stop;
  });
  return feature;
}

function readInt64List(reader: PbfReader, end: number): TfFeature {
  const feature: TfFeature = { type: 'int64', count: 0, value: 0 };
  const add = (): void => {
    const value = reader.readVarint(true);
    if (feature.count++ === 0) feature.value = value;
  };
  eachField(reader, end, (number) => {
    if (number !== 1) return;
    if (reader.type === VARINT) add();
    else if (reader.type === BYTES) {
      // Packed: values without tags.
      const stop = enter(reader, end);
      while (reader.pos < stop) add();
      requireEnd(reader, stop);
    }
  });
  return feature;
}

function readFloatList(reader: PbfReader, end: number): TfFeature {
  const feature: TfFeature = { type: 'float', count: 0, value: 0 };
  eachField(reader, end, (number) => {
    if (number !== 1 || (reader.type !== BYTES && reader.type !== FIXED32)) return;
    const stop = reader.type === BYTES ? enter(reader, end) : reader.pos + 4;
    const count = Math.floor((stop - reader.pos) / 4);
    if (feature.count === 0 && count > 0) feature.value = reader.readFloat();
    feature.count += count;
    reader.pos = stop;
  });
  return feature;
}

/** Calls `read` with the number of each field of a message that ends at `end`. Unread fields are skipped. */
function eachField(
  reader: PbfReader,
  end: number,
  read: (number: number, end: number) => void,
): void {
  for (;;) {
    const number = reader.nextField(end);
    if (number === 0) break;
    read(number, end);
  }
  requireEnd(reader, end);
}

/** Reads the length of the current field. @returns its end, which is inside the message */
function enter(reader: PbfReader, end: number): number {
  const stop = reader.readVarint() + reader.pos;
  if (stop > end) throw tooLong();
  return stop;
}

/** pbf reads beyond the end of a message. */
function requireEnd(reader: PbfReader, end: number): void {
  if (reader.pos !== end) throw tooLong();
}

function tooLong(): RangeError {
  return new RangeError('a field that is longer than its message');
}
