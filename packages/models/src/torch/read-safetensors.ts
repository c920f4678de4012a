import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import { decodeBfloat16, decodeFloat16 } from './half-precision.ts';

/** One tensor of a safetensors file. */
export interface SavedTensor {
  /** Type in the file: `F32`, `F16`, `BF16`, `F64`, or one of integers. */
  dtype: string;
  shape: readonly number[];
  /**
   * The numbers in row-major order, in single precision. They can share the memory of the file.
   *
   * @throws FixresModelsError `unsupported-model` for a type other than the four above
   */
  values: () => Float32Array;
}

export interface ReadSafetensorsOptions {
  /** How errors refer to the file. Default `the file`. */
  name?: string;
}

/** Bytes of the header's length, a little-endian 64-bit integer. */
const LENGTH_BYTES = 8;
/** The format allows no longer header. */
const MOST_HEADER_BYTES = 100e6;
/** Just below 2 GiB, the most that Node 20 reads at once. In single precision only convnext_xxlarge is larger. */
export const MAX_SAFETENSORS_BYTES: number = 2 ** 31 - 1;

/** Bytes of one number by type. */
const SIZES: Readonly<Record<string, number>> = {
  BOOL: 1,
  U8: 1,
  I8: 1,
  I16: 2,
  U16: 2,
  F16: 2,
  BF16: 2,
  I32: 4,
  U32: 4,
  F32: 4,
  I64: 8,
  U64: 8,
  F64: 8,
};

const decoders: Readonly<Record<string, (data: ArrayBuffer) => Float32Array>> = {
  F64: (data) => Float32Array.from(new Float64Array(data)),
  F16: (data) => decodeFloat16(new Uint16Array(data)),
  BF16: (data) => decodeBfloat16(new Uint16Array(data)),
};

/**
 * Reads a safetensors file: the length of the header, the header as JSON, and the data. The file is
 * not trusted: each type, shape and offset is checked, and the tensors must fill the data without
 * gaps or overlap, as the format demands.
 *
 * @returns the tensors by name, in the header's order; they refer to `bytes`
 * @throws FixresModelsError `bad-weights-file`
 */
export function readSafetensors(
  bytes: Uint8Array,
  { name = 'the file' }: ReadSafetensorsOptions = {},
): Map<string, SavedTensor> {
  const bad = (why: string): FixresModelsError =>
    new FixresModelsError('bad-weights-file', `${name} is not a safetensors file: ${why}.`);
  const { header, start } = readHeader(bytes, bad);
  const tensors = new Map<string, SavedTensor>();
  const ranges: { key: string; from: number; to: number }[] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key === '__metadata__') continue;
    const { dtype, shape, from, to } = readEntry(key, value, bad);
    ranges.push({ key, from, to });
    const values = (): Float32Array => {
      if (dtype !== 'F32' && !Object.hasOwn(decoders, dtype)) {
        throw new FixresModelsError(
          'unsupported-model',
          `Tensor "${key}" of ${name} has the type ${dtype}; F32, F16, BF16 and F64 are supported.`,
        );
      }
      const data = bytes.subarray(start + from, start + to);
      if (dtype === 'F32' && data.byteOffset % 4 === 0)
        return new Float32Array(data.buffer, data.byteOffset, data.length / 4);
      const copy = new Uint8Array(data).buffer;
      return decoders[dtype]?.(copy) ?? new Float32Array(copy);
    };
    tensors.set(key, { dtype, shape, values });
  }
  let end = 0;
  for (const { key, from, to } of ranges.sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (from !== end) throw bad(`the data of tensor "${key}" starts at ${from} instead of ${end}`);
    end = to;
  }
  if (start + end !== bytes.length)
    throw bad(`its tensors end at byte ${start + end}, but it has ${bytes.length}`);
  return tensors;
}

function readHeader(
  bytes: Uint8Array,
  bad: (why: string) => FixresModelsError,
): { header: Readonly<Record<string, JsonValue>>; start: number } {
  if (bytes.length < LENGTH_BYTES) throw bad(`it has ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  const start = LENGTH_BYTES + length;
  if (length > MOST_HEADER_BYTES || start > bytes.length) {
    const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
    throw bad(
      isZip
        ? 'it is a zip archive, as torch.save writes; save_file of safetensors.torch writes one'
        : 'its header is longer than the file or 100 MB',
    );
  }
  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, start)),
    );
  } catch {
    throw bad('its header is not JSON');
  }
  if (!isJsonObject(header)) throw bad('its header is not a JSON object');
  return { header, start };
}

interface Entry {
  dtype: string;
  shape: number[];
  from: number;
  to: number;
}

function readEntry(
  key: string,
  value: JsonValue | undefined,
  bad: (why: string) => FixresModelsError,
): Entry {
  const { dtype, shape, data_offsets: offsets } = isJsonObject(value) ? value : {};
  if (typeof dtype !== 'string' || !Object.hasOwn(SIZES, dtype))
    throw bad(
      `tensor "${key}" has the unknown type ${dtype === undefined ? 'none' : JSON.stringify(dtype)}`,
    );
  if (!isCounts(shape)) throw bad(`tensor "${key}" has no valid shape`);
  if (!isCounts(offsets) || offsets.length !== 2)
    throw bad(`tensor "${key}" has no valid data_offsets`);
  const [from, to] = offsets as [number, number];
  const expected = shape.reduce((product, side) => product * side, SIZES[dtype]!);
  if (to - from !== expected)
    throw bad(`tensor "${key}" has ${to - from} bytes; its shape needs ${expected}`);
  return { dtype, shape, from, to };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}
