import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import wabt from 'wabt';
import { pattern } from '../../test/pattern.ts';
import type { View } from '../geometry/view.ts';
import { drawPixels } from './draw-pixels.ts';
import { kernelSpace } from './simd-kernels.ts';
import { simdKernelsWasm } from './simd-kernels-wasm.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('SIMD kernels', () => {
  it('match their assembled source', async () => {
    const assembler = await wabt();
    const source = readFileSync(new URL('simd-kernels.wat', import.meta.url), 'utf8');
    const { buffer } = assembler.parseWat('simd-kernels.wat', source, { simd: true }).toBinary({});
    expect(simdKernelsWasm).toBe(Buffer.from(buffer).toString('base64'));
  });

  it('draw the same levels as the loops that replace them without WebAssembly', async () => {
    expect(kernelSpace()).toBeDefined();
    vi.stubGlobal('WebAssembly', undefined);
    vi.resetModules();
    const plain = await import('./draw-pixels.ts');
    expect((await import('./simd-kernels.ts')).kernelSpace()).toBeUndefined();

    const side = fc.integer({ min: 1, max: 60 });
    const filter = fc.constantFrom(
      { interpolation: 'bilinear', antialias: false } as const,
      { interpolation: 'bilinear', antialias: true } as const,
      { interpolation: 'bicubic', antialias: true } as const,
    );
    const sides = fc.tuple(side, side, side, side);
    const fractions = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        sides,
        fractions,
        filter,
        fc.boolean(),
        ([imageWidth, imageHeight, resizedWidth, resizedHeight], parts, resampling, flip) => {
          const part = (length: number, a: number, b: number): [number, number] => {
            const start = Math.min(Math.floor(parts[a]! * length), length - 1);
            return [start, 1 + Math.floor(parts[b]! * (length - start - 1))];
          };
          const [x, width] = part(imageWidth, 0, 1);
          const [y, height] = part(imageHeight, 2, 3);
          const [left, windowWidth] = part(resizedWidth, 4, 5);
          const [top, windowHeight] = part(resizedHeight, 6, 7);
          const window = { x: left, y: top, width: windowWidth, height: windowHeight };
          const view: View = {
            region: { x, y, width, height },
            resized: { width: resizedWidth, height: resizedHeight },
            window,
            flip,
          };
          const drawing = {
            view,
            ...resampling,
            adjustments: [],
            adjusted: window,
            augmentations: [],
          };
          const [fast, slow] = [
            new Uint8Array(windowWidth * windowHeight * 3),
            new Uint8Array(windowWidth * windowHeight * 3),
          ];
          drawPixels(pattern(imageHeight, imageWidth), drawing, fast);
          plain.drawPixels(pattern(imageHeight, imageWidth), drawing, slow);
          expect(fast).toEqual(slow);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leave pictures that exceed their memory to the loops', () => {
    expect(kernelSpace()!.layOut([2 ** 27])).toBeUndefined();
    expect(kernelSpace()!.layOut([100, 1])).toEqual([0, 128]);
    const image = { width: 4100, height: 5500, data: new Uint8Array(4100 * 5500 * 3).fill(77) };
    const window = { x: 0, y: 0, width: 8, height: 8 };
    const view = {
      region: { x: 0, y: 0, width: 4100, height: 5500 },
      resized: { width: 8, height: 8 },
      window,
      flip: false,
    };
    for (const antialias of [false, true]) {
      const out = new Uint8Array(8 * 8 * 3);
      drawPixels(
        image,
        {
          view,
          interpolation: 'bilinear',
          antialias,
          adjustments: [],
          adjusted: window,
          augmentations: [],
        },
        out,
      );
      expect([...new Set(out)]).toEqual([77]);
    }
  });
});
