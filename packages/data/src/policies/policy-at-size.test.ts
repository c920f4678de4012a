import { sourceRect } from '../geometry/view.ts';
import { createRandom } from '../rng.ts';
import { fixresTest, resize } from './keras-fixres.ts';
import { namedPolicy } from './named-policies.ts';
import { timmEval } from './timm-eval.ts';
import { shortSideCrop } from './fixres-authors.ts';
import { viewOf } from './policy.ts';
import { expect, it } from 'vitest';
import { policyAtSize } from './policy-at-size.ts';

it('policyAtSize equals the named policy of that size if the policy scales with it', () => {
  for (const size of [56, 112, 168, 448]) {
    expect(policyAtSize(resize(224), size)).toEqual(resize(size));
    expect(policyAtSize(shortSideCrop(224), size)).toEqual(shortSideCrop(size));
    expect(policyAtSize(timmEval({ size: 224 }), size)).toEqual(timmEval({ size }));
  }
});

it('policyAtSize shows the same part of an image at every size', () => {
  const image = { width: 640, height: 480 };
  const random = createRandom(0, 'unused');
  for (const policy of [
    fixresTest({ trainSize: 128, size: 224 }),
    shortSideCrop(224),
    namedPolicy('heightCrop', { size: 224 }),
  ]) {
    const own = sourceRect(viewOf(policy, image, random));
    for (const size of [112, 160, 336]) {
      const rect = sourceRect(viewOf(policyAtSize(policy, size), image, random));
      for (const field of ['x', 'y', 'width', 'height'] as const)
        expect(Math.abs(rect[field] - own[field]), `${policy.name} ${size} ${field}`).toBeLessThan(
          4,
        );
    }
  }
});

it('policyAtSize returns the policy unchanged at its own size', () => {
  const policy = fixresTest({ trainSize: 128, size: 224 });
  expect(policyAtSize(policy, 224)).toBe(policy);
});
