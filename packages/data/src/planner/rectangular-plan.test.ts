import { describe, expect, it } from 'vitest';
import { sidesOf } from '../geometry/image-size.ts';
import { shortSideCrop } from '../policies/fixres-authors.ts';
import { resize, sampledBoundingBoxCrop } from '../policies/keras-fixres.ts';
import { randomResizedCrop } from '../policies/torchvision-crops.ts';
import { defaultCandidates, planResolution } from './plan-resolution.ts';

const trainSize = { height: 96, width: 128 };
const landscape = Array.from({ length: 50 }, () => ({ width: 640, height: 480 }));

describe('planResolution for rectangles', () => {
  it('equals the plan of a square on photos that are turned into squares', () => {
    // Scaling the width of photos, crops and outputs by 4/3 changes no ratio between two policies.
    const squares = landscape.map(({ height }) => ({ width: height, height }));
    const ratio: [number, number] = [3 / 4, 4 / 3];
    const wide: [number, number] = [1, 16 / 9];
    const of = (size: typeof trainSize | number): ReturnType<typeof planResolution> => {
      const isWide = typeof size !== 'number';
      return planResolution(
        isWide ? landscape : squares,
        randomResizedCrop(size, { ratio: isWide ? wide : ratio }),
        { trainSize: size, draws: 150, candidates: [resize(size), shortSideCrop(size)] },
      );
    };
    const [rectangle, square] = [of(trainSize), of(96)];
    rectangle.candidates.forEach((candidate, i) => {
      const other = square.candidates[i]!;
      expect(candidate.ratio.mean / other.ratio.mean).toBeCloseTo(1, 1);
      expect(candidate.relativeFlops).toBe(1);
      expect(candidate.visibleShare).toBeCloseTo(other.visibleShare, 1);
      expect(candidate.stretch).toBeCloseTo(1, 1);
    });
  });

  it('finds the matched crop with the shape of the train size', () => {
    const { matched, recommendation } = planResolution(
      landscape,
      sampledBoundingBoxCrop(trainSize),
      {
        trainSize,
        draws: 200,
      },
    );
    const { width, height } = sidesOf(matched.cropSize);
    expect([width % 8, height % 8]).toEqual([0, 0]);
    expect(Math.abs(width / height - 4 / 3)).toBeLessThan(8 / height);
    expect(Math.abs(matched.ratio.mean - 1)).toBeLessThan(0.05);
    expect(matched.relativeFlops).toBeCloseTo((width * height) / (96 * 128), 9);
    expect(recommendation.reason).toMatch(/Too small: resize@96x128 \(0\.\d\d\)/);
  });

  it('reports by how much objects change their shape', () => {
    // Square crops stretched to 4:3, against whole photos of 4:3 that keep their shape.
    const { candidates } = planResolution(
      landscape,
      randomResizedCrop(trainSize, { ratio: [1, 1] }),
      { trainSize, draws: 50, candidates: [resize(trainSize), resize(96)] },
    );
    expect(candidates[0]!.stretch).toBeCloseTo(3 / 4, 2);
    expect(candidates[1]!.stretch).toBeCloseTo((3 / 4) ** 2, 2);
  });

  it('grows the default candidates to the area of 224 pixels, or by 7/4', () => {
    const largest = (size: typeof trainSize): unknown => defaultCandidates(size).at(-1)!.output;
    // 224 / sqrt(96 * 128) = 2.02
    expect(largest(trainSize)).toEqual({ height: 192, width: 256 });
    expect(largest({ height: 240, width: 320 })).toEqual({ height: 424, width: 560 });
    for (const { height, width } of [
      { height: 220, width: 227 },
      { height: 8, width: 4096 },
      { height: 4096, width: 4096 },
    ]) {
      const sizes = defaultCandidates({ height, width }).map(({ output }) => output);
      expect(sizes.every((output) => output.height >= height && output.width >= width)).toBe(true);
    }
  });

  it("refuses a train size that is not the policy's", () => {
    expect(() =>
      planResolution(landscape, resize(trainSize), { trainSize: { height: 128, width: 96 } }),
    ).toThrow('Option "trainSize" is 128x96, but policy "resize" makes 96x128; they must agree.');
  });
});
