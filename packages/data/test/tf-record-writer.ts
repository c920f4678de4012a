import { maskedCrc32c } from '../src/crc32c.ts';

type Value = Uint8Array | string | number | number[] | Float32Array;

/** A TFRecord file of the records as given. */
export function tfRecordBytes(records: readonly Uint8Array[]): Buffer {
  const framed = records.flatMap((data) => {
    const head = Buffer.alloc(12);
    head.writeBigUInt64LE(BigInt(data.length));
    head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
    const foot = Buffer.alloc(4);
    foot.writeUInt32LE(maskedCrc32c(data));
    return [head, data, foot];
  });
  return Buffer.concat(framed);
}

/**
 * A serialised `tf.train.Example`: bytes and text become a bytes list, numbers an int64 list
 * (packed if in an array), floats a float list.
 */
export function tfExampleBytes(features: Record<string, Value>): Buffer {
  const entries = Object.entries(features).map(([key, value]) =>
    field(1, Buffer.concat([field(1, key), field(2, feature(value))])),
  );
  return field(1, Buffer.concat(entries));
}

function feature(value: Value): Buffer {
  if (value instanceof Float32Array) return field(2, field(1, new Uint8Array(value.buffer)));
  if (typeof value === 'number')
    return field(3, Buffer.concat([Buffer.from([0x08]), varint(value)]));
  if (Array.isArray(value)) return field(3, field(1, Buffer.concat(value.map(varint))));
  return field(1, field(1, value));
}

/** A length-delimited field. */
export function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from([(number << 3) | 2]), varint(bytes.length), bytes]);
}

export function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
}
