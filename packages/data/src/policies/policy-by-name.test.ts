import { describe, expect, it } from 'vitest';
import { viewOf } from './policy.ts';
import { namedPolicies, policyByName } from './policy-by-name.ts';
import { createRandom } from '../rng.ts';

describe('policyByName', () => {
  it.each(Object.keys(namedPolicies))('%s has its name, its size and a view of any photo', (name) => {
    const policy = policyByName(name, { size: 96, trainSize: 64 });
    expect(policy).toMatchObject({ name, output: { width: 96, height: 96 } });
    for (const image of [{ width: 500, height: 333 }, { width: 40, height: 300 }]) {
      expect(viewOf(policy, image, createRandom(0)).window).toMatchObject({ width: 96, height: 96 });
    }
  });

  it.each([
    ['fixres', { size: 96 }, 'There is no policy "fixres"; allowed are sampledBoundingBoxCrop, resize,'],
    ['toString', { size: 96 }, 'There is no policy "toString"'],
    ['fixresTest', { size: 96 }, 'Policy "fixresTest" needs the size that the model was trained at as well ("trainSize").'],
    ['fixresTest', { size: 96, trainSize: 128 }, 'Option "size" is 96; it must be at least trainSize, which is 128.'],
    ['resize', { size: 2 }, 'Option "size" is 2'],
  ])('refuses %s with %j', (name, sizes, message) => {
    expect(() => policyByName(name, sizes)).toThrow(message);
  });
});
