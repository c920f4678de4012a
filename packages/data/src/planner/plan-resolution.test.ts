import { flowerSizes } from '@fixres/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniformAreaCrop } from '../../test/draw-views.ts';
import { shortSideCrop } from '../policies/fixres-authors.ts';
import {
  fixresFinetune,
  fixresTest,
  resize,
  sampledBoundingBoxCrop,
} from '../policies/keras-fixres.ts';
import type { Policy } from '../policies/policy.ts';
import { simulateTraining } from './apparent-size.ts';
import { matchedPolicy } from './matched-policy.ts';
import { planResolution, type ResolutionPlan } from './plan-resolution.ts';
import { recommend } from './recommend.ts';
import { meanSide } from '../geometry/image-size.ts';
import { testCandidate } from './test-candidate.ts';

const photos = [
  ...Array.from({ length: 60 }, () => ({ width: 640, height: 480 })),
  ...Array.from({ length: 40 }, () => ({ width: 400, height: 600 })),
];

describe('planResolution on the flower photos', () => {
  const sizes = flowerSizes();

  it('finds the matched size of the FixRes reference, for crops of uniform area', () => {
    const training = simulateTraining(sizes, uniformAreaCrop(128, [0.05, 1], [0.75, 1.33]));
    const matched = testCandidate(matchedPolicy(training, 128, shortSideCrop), training, 128);
    expect(matched).toMatchObject({ imageSize: 183, cropSize: 160 });
    expect(Math.abs(matched.ratio.mean - 1.015)).toBeLessThan(0.005);
    expect(matched.relativeFlops).toBeCloseTo((160 / 128) ** 2, 9);
  });

  it('plans for the train crops that TensorFlow actually draws', () => {
    const { candidates, matched, recommendation } = planResolution(
      sizes,
      sampledBoundingBoxCrop(128),
      { trainSize: 128 },
    );
    const row = (name: string, cropSize: number) =>
      candidates.find(({ policy, cropSize: size }) => policy.name === name && size === cropSize);
    expect(row('fixresTest', 224)).toMatchObject({ imageSize: 392, relativeFlops: 3.0625 });
    expect(row('fixresTest', 224)!.ratio.mean).toBeCloseTo(1.65, 1);
    expect(row('resize', 224)).toMatchObject({ imageSize: 224 });
    expect(row('resize', 224)!.ratio.mean).toBeCloseTo(0.94, 1);
    // The short side of the photos is at most 208 pixels.
    expect(row('shortSideCrop', 224)!.upsampledShare).toBe(1);
    expect(row('resize', 128)!.upsampledShare).toBeLessThan(0.001);
    expect(matched).toMatchObject({ imageSize: 201, cropSize: 176 });
    expect(recommendation).toMatchObject({
      imageSize: 201,
      cropSize: 176,
      policy: shortSideCrop(176),
    });
    expect(recommendation.reason).toMatch(
      /^The mean apparent-size ratio is (0\.99|1\.0\d) \(1 is matched\), for 1\.9 times the FLOPs/,
    );
    expect(recommendation.reason).toMatch(/Too large: .*fixresTest@224 \(1\.6\d\)/);
  });
});

describe('planResolution', () => {
  const plan = (candidates?: Policy[]): ResolutionPlan =>
    planResolution(photos, sampledBoundingBoxCrop(128), {
      trainSize: 128,
      draws: 50,
      ...(candidates ? { candidates } : {}),
    });

  it('is reproducible by seed, and another seed changes little', () => {
    expect(plan()).toEqual(plan());
    const other = planResolution(photos, sampledBoundingBoxCrop(128), {
      trainSize: 128,
      draws: 50,
      seed: 1,
    });
    plan().candidates.forEach(({ ratio }, i) => {
      expect(other.candidates[i]!.ratio.mean).not.toBe(ratio.mean);
      expect(Math.abs(other.candidates[i]!.ratio.mean / ratio.mean - 1)).toBeLessThan(0.03);
    });
  });

  it('describes each candidate by its geometry', () => {
    const [whole, fixres, finetune] = plan([
      resize(160),
      fixresTest({ trainSize: 128, size: 192 }),
      fixresFinetune({ trainSize: 128, size: 192 }),
    ]).candidates;
    expect(whole).toMatchObject({
      imageSize: 160,
      cropSize: 160,
      upsampledShare: 0,
      visibleShare: 1,
      relativeFlops: 1.5625,
    });
    expect(fixres).toMatchObject({ imageSize: 288, cropSize: 192, upsampledShare: 0 });
    expect(fixres!.visibleShare).toBeCloseTo((192 / 288) ** 2, 9);
    // A flip changes nothing.
    expect({ ...finetune, policy: null }).toEqual({ ...fixres, policy: null });
    const large = plan([resize(520)]).candidates[0]!;
    // sqrt(640 * 480) = 554, sqrt(400 * 600) = 490
    expect(large.upsampledShare).toBeCloseTo(0.4, 9);
  });

  it('finds a matched ratio of 1 within the step of the crop size, for any images', () => {
    const side = fc.integer({ min: 100, max: 900 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ width: side, height: side }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 64, max: 256 }),
        (sizes, trainSize) => {
          fc.pre(
            sizes.every(
              ({ width, height }) => Math.max(width, height) / Math.min(width, height) < 4,
            ),
          );
          const { matched } = planResolution(sizes, sampledBoundingBoxCrop(trainSize), {
            trainSize,
            candidates: [resize(trainSize)],
            draws: 60,
          });
          const cropSize = meanSide(matched.cropSize);
          expect(cropSize % 8).toBe(0);
          // Half of the step to the next smaller crop, plus a pixel for rounding the image's sides.
          const step = Math.log(cropSize / (cropSize - 8));
          expect(Math.abs(Math.log(matched.ratio.mean))).toBeLessThan(step / 2 + 1 / cropSize);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    [2400, [2400, 2400, 4096, 4096, 4096]],
    [4096, [4096, 4096]],
  ])(
    'adapts its candidates to a train size of %d, none larger than a policy allows',
    (trainSize, cropSizes) => {
      const { candidates } = planResolution(photos, sampledBoundingBoxCrop(trainSize), {
        trainSize,
        draws: 5,
      });
      expect(candidates.map(({ cropSize }) => cropSize)).toEqual(cropSizes);
    },
  );

  it('matches at the train size if training shows whole images too', () => {
    expect(
      planResolution(photos, resize(128), { trainSize: 128, family: resize }).matched,
    ).toMatchObject({ imageSize: 128, cropSize: 128 });
  });

  it.each([
    [() => planResolution([], resize(64), { trainSize: 64 }), 'Option "sizes" is empty'],
    [
      () => planResolution([{ width: 3.5, height: 2 }], resize(64), { trainSize: 64 }),
      'Option "sizes" has 3.5x2',
    ],
    [
      () => planResolution(photos, resize(64), { trainSize: 96 }),
      'Option "trainSize" is 96, but policy "resize" makes 64; they must agree.',
    ],
    [
      () => planResolution(photos, resize(64), { trainSize: 64, candidates: [] }),
      'Option "candidates" is empty',
    ],
    [() => planResolution(photos, resize(64), { trainSize: 64, draws: 0 }), 'Option "draws" is 0'],
  ])('rejects invalid input (%#)', (run, message) => {
    expect(run).toThrow(message);
  });
});

describe('recommend', () => {
  const training = simulateTraining(photos, uniformAreaCrop(100, [0.25, 0.25], [1, 1]), {
    draws: 1,
  });
  // Training shows objects at half of the image's scale: an image squashed to S has the ratio S /
  // 200.
  const at = (policy: Policy) => testCandidate(policy, training, 100);
  const crop = (imageSize: number, cropSize: number): Policy => ({
    version: 1,
    name: 'own',
    output: { width: cropSize, height: cropSize },
    steps: [
      {
        op: 'resize',
        width: imageSize,
        height: imageSize,
        interpolation: 'bilinear',
        antialias: false,
      },
      { op: 'centerCrop', width: cropSize, height: cropSize },
    ],
  });

  it('recommends the cheapest of the matching candidates', () => {
    const { policy, reason } = recommend(
      [resize(100), resize(216), resize(300)].map(at),
      at(crop(200, 168)),
    );
    expect(policy).toEqual(crop(200, 168));
    expect(reason).toContain('Too small: resize@100 (0.50).');
    expect(reason).toContain('Too large: resize@300 (1.50).');
    expect(reason).toContain('Also matched, but more FLOPs: resize@216 (4.7 times the FLOPs).');
    expect(recommend([resize(192)].map(at), at(resize(200))).policy).toEqual(resize(192));
  });

  it('prefers the ratio nearest to 1 among equally cheap candidates', () => {
    expect(recommend([crop(190, 160), crop(205, 160)].map(at), at(crop(216, 160))).policy).toEqual(
      crop(205, 160),
    );
  });

  it('does not recommend a crop that shows almost nothing', () => {
    expect(recommend([at(crop(200, 64))], at(crop(200, 168))).policy).toEqual(crop(200, 168));
  });

  it('avoids upsampling, and says so if it cannot', () => {
    const small = Array.from({ length: 4 }, () => ({ width: 196, height: 196 }));
    const views = simulateTraining(small, uniformAreaCrop(100, [0.25, 0.25], [1, 1]), { draws: 1 });
    const enlarging = testCandidate(crop(200, 168), views, 100);
    const sharp = testCandidate(resize(192), views, 100);
    expect(recommend([sharp], enlarging).policy).toEqual(resize(192));
    expect(recommend([], enlarging).reason).toContain('100 % of the images must be enlarged');
    expect(recommend([], sharp).reason).not.toContain('enlarged');
  });
});
