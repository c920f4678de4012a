import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StateArrays } from '../../checkpoints/state-arrays.ts';
import { decodeSafetensors, encodeSafetensors } from './safetensors.ts';

describe('safetensors', () => {
  it('writes the published format: length, header, data', () => {
    const bytes = Buffer.concat(
      encodeSafetensors(
        new Map([['a', { shape: [2], dtype: 'float32', values: Float32Array.of(1, -2) }]]),
      ),
    );
    const header = '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}';
    expect(Number(bytes.readBigUInt64LE(0))).toBe(56);
    expect(bytes.toString('utf8', 8, 64)).toBe(header.padEnd(56));
    expect(bytes.subarray(64).toString('hex')).toBe('0000803f000000c0');
  });

  it('restores every bit at any offset of the bytes', () => {
    const array = fc.oneof(
      fc
        .float32Array({ maxLength: 9 })
        .map((values) => ({ shape: [values.length], dtype: 'float32' as const, values })),
      fc
        .int32Array({ maxLength: 9 })
        .map((values) => ({ shape: [1, values.length], dtype: 'int32' as const, values })),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), array),
        fc.nat(7),
        (arrays, offset) => {
          const state: StateArrays = new Map(Object.entries(arrays));
          const bytes = Buffer.concat([Buffer.alloc(offset), ...encodeSafetensors(state)]).subarray(
            offset,
          );
          const back = decodeSafetensors(bytes);
          expect([...back.keys()]).toEqual([...state.keys()]);
          for (const [name, { shape, values }] of state) {
            expect(back.get(name)!.shape).toEqual(shape);
            expect(Buffer.from(back.get(name)!.values.buffer)).toEqual(
              Buffer.from(values.slice().buffer),
            );
          }
        },
      ),
    );
  });
});
