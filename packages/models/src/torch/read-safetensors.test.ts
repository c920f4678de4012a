import { describe, expect, it } from 'vitest';
import { torchFile, torchFixture } from '../../test/support/torch-networks.ts';
import { readSafetensors } from './read-safetensors.ts';

/** A file with this header, as the format defines it. */
function file(header: unknown, data = new Uint8Array(), length?: number): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

const entry = (from: number, to: number, more: object = {}): object => ({
  dtype: 'F32',
  shape: [(to - from) / 4],
  data_offsets: [from, to],
  ...more,
});

describe('readSafetensors', () => {
  const { types } = torchFixture();
  const tensors = readSafetensors(torchFile('types.safetensors'));

  it.each(Object.keys(types))('reads %s as PyTorch does', (type) => {
    const { shape, values } = tensors.get(type)!;
    expect(shape).toEqual([2, 3]);
    // The exact numbers, after rounding to single precision.
    expect([...values()]).toEqual(types[type]!.map(Math.fround));
  });

  it('keeps infinities and NaN of half precision', () => {
    const data = new Uint8Array(Uint16Array.of(0x7c00, 0xfc00, 0x7e00, 0x8000).buffer);
    const header = { w: { dtype: 'F16', shape: [4], data_offsets: [0, 8] } };
    expect([...readSafetensors(file(header, data)).get('w')!.values()]).toEqual([
      ...[Infinity, -Infinity, NaN, -0],
    ]);
  });

  it('lists tensors of integers, whose numbers it does not read', () => {
    const { dtype, shape, values } = tensors.get('int64')!;
    expect({ dtype, shape }).toEqual({ dtype: 'I64', shape: [] });
    expect(values).toThrow(
      'Tensor "int64" of the file has the type I64; F32, F16, BF16 and F64 are supported.',
    );
  });

  it('reads data that is not aligned in memory', () => {
    const data = new Uint8Array(Float32Array.of(1, -2).buffer);
    for (const padding of ['', ' ', '  ', '   ']) {
      const bytes = file(`${JSON.stringify({ w: entry(0, 8) })}${padding}`, data);
      expect([...readSafetensors(bytes).get('w')!.values()]).toEqual([1, -2]);
    }
  });

  const eight = new Uint8Array(8);
  it.each<[string, Uint8Array]>([
    ['it has 3 bytes', Uint8Array.of(1, 2, 3)],
    ['its header is longer than the file or 100 MB', file({}, eight, 999)],
    ['its header is longer than the file or 100 MB', file({}, eight, 2 ** 60)],
    [
      'it is a zip archive, as torch.save writes; save_file of safetensors.torch writes one',
      new TextEncoder().encode('PK\u0003\u0004 and more bytes'),
    ],
    ['its header is not JSON', file('{"w":')],
    ['its header is not a JSON object', file([])],
    ['tensor "w" has the unknown type "F4"', file({ w: entry(0, 8, { dtype: 'F4' }) }, eight)],
    [
      'tensor "w" has the unknown type "toString"',
      file({ w: entry(0, 8, { dtype: 'toString' }) }, eight),
    ],
    ['tensor "w" has the unknown type none', file({ w: 7 })],
    ['tensor "w" has no valid shape', file({ w: entry(0, 8, { shape: [-2] }) }, eight)],
    ['tensor "w" has no valid data_offsets', file({ w: entry(0.5, 8.5, { shape: [2] }) }, eight)],
    ['tensor "w" has 8 bytes; its shape needs 12', file({ w: entry(0, 8, { shape: [3] }) }, eight)],
    ['tensor "w" has -8 bytes; its shape needs 8', file({ w: entry(8, 0, { shape: [2] }) }, eight)],
    [
      'the data of tensor "v" starts at 0 instead of 8',
      file({ w: entry(0, 8), v: entry(0, 8) }, eight),
    ],
    ['the data of tensor "w" starts at 4 instead of 0', file({ w: entry(4, 8) }, eight)],
    ['its tensors end at byte 70, but it has 66', file({ w: entry(0, 8) }, eight.subarray(4))],
  ])('refuses other bytes: %s', (why, bytes) => {
    expect(() => readSafetensors(bytes, { name: 'x' })).toThrow(
      `x is not a safetensors file: ${why}.`,
    );
  });
});
