import { expect, it } from 'vitest';
import { augmentNames } from './augment-names.ts';
import { type AugmentEntry, augmentStep } from './augment-step-of.ts';

it('makes a complete step from each name, and keeps given settings', () => {
  for (const name of augmentNames) expect(augmentStep(name)).toEqual(augmentStep({ op: name }));
  expect(augmentStep({ op: 'randAugment', magnitude: 7 })).toEqual({
    op: 'randAugment',
    numOps: 2,
    magnitude: 7,
    numMagnitudeBins: 31,
    interpolation: 'nearest',
    fill: [0, 0, 0],
  });
  expect(augmentStep({ op: 'colorJitter', hue: [-0.1, 0.1] })).toEqual({
    op: 'colorJitter',
    hue: [-0.1, 0.1],
  });
});

it.each([
  ['randaugment', /augment\.op is "randaugment"; it must be one of randAugment, /],
  [{ op: 'randAugment', magnitude: 31 }, /magnitude is 31; it must be less than numMagnitudeBins/],
  [{ op: 'randAugment', strength: 3 }, /augment\.strength is 3; it must be left out; allowed are/],
  [{ op: 'augMix', chainDepth: 0 }, /chainDepth is 0; it must be -1, or a whole number/],
  [{ op: 'randomErasing', value: 'noise' }, /value is "noise"; it must be a level, three levels/],
  [{ op: 'randomErasing', probability: 2 }, /probability is 2; it must be a number from 0 to 1/],
  [{ op: 'gaussianBlur', kernelSize: 4 }, /kernelSize is 4; it must be odd/],
  [{ op: 'autoAugment', policy: 'coco' }, /policy is "coco"; it must be "imagenet" or/],
  [{ op: 'colorJitter', hue: [0, 1] }, /hue\[1\] is 1; it must be a number from -0.5 to 0.5/],
])('refuses %j', (entry, message) => {
  expect(() => augmentStep(entry as AugmentEntry)).toThrow(
    expect.objectContaining({
      code: 'bad-option',
      message: expect.stringMatching(message) as string,
    }),
  );
});
