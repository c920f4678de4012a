import type { StateArrays } from '../../checkpoints/state-arrays.ts';

const dtypes = { float32: 'F32', int32: 'I32' } as const;

interface Entry {
  dtype: 'F32' | 'I32';
  shape: number[];
  data_offsets: [number, number];
}

/** Bytes of the length before the header; the length is a 64-bit integer. */
const LENGTH_BYTES = 8;

/**
 * Arrays as a file in the safetensors format (little endian), in pieces to write one after another.
 * The data is not copied.
 */
export function encodeSafetensors(arrays: StateArrays): Uint8Array[] {
  const header: Record<string, Entry> = {};
  let offset = 0;
  for (const [name, { dtype, shape, values }] of arrays) {
    header[name] = {
      dtype: dtypes[dtype],
      shape,
      data_offsets: [offset, offset + values.byteLength],
    };
    offset += values.byteLength;
  }
  const json = JSON.stringify(header);
  // The data starts at a multiple of 8.
  const text = Buffer.from(
    json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8 - Buffer.byteLength(json) + json.length),
  );
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64LE(BigInt(text.length));
  return [
    length,
    text,
    ...Array.from(
      arrays.values(),
      ({ values }) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    ),
  ];
}

/** Reads what {@link encodeSafetensors} wrote. @throws SyntaxError, RangeError for other bytes */
export function decodeSafetensors(bytes: Uint8Array): StateArrays {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = LENGTH_BYTES + Number(view.readBigUInt64LE(0));
  const header = JSON.parse(view.toString('utf8', LENGTH_BYTES, start)) as Record<string, Entry>;
  return new Map(
    Object.entries(header).map(
      ([
        name,
        {
          dtype,
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        // A copy, because the data may not be aligned to a multiple of 4 in memory.
        const data = new Uint8Array(view.subarray(start + from, start + to)).buffer;
        return [
          name,
          dtype === 'I32'
            ? { dtype: 'int32', shape, values: new Int32Array(data) }
            : { dtype: 'float32', shape, values: new Float32Array(data) },
        ];
      },
    ),
  );
}
