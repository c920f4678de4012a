import { resize, shiftedCrop, withAugment } from '@fixres/data';
import { expect, it } from 'vitest';
import { armDescription } from './arm-description.ts';

const description = 'From scratch.';

it.each([
  [{ trainPolicy: resize(8) }, 'From scratch.'],
  [{ trainPolicy: shiftedCrop(8) }, 'From scratch. Augmented with colorJitter.'],
  [
    {
      trainPolicy: withAugment(resize(8), ['randAugment', 'randomErasing']),
      mix: { mixup: 0.2, cutmix: 1 },
    },
    'From scratch. Augmented with randAugment, randomErasing. Batches are mixed: Mixup (alpha 0.2) or CutMix (alpha 1).',
  ],
  [
    { trainPolicy: resize(8), mix: { cutmix: 1, probability: 0.5 } },
    'From scratch. Batches are mixed: CutMix (alpha 1), in 50 % of the batches.',
  ],
  [
    { trainPolicy: resize(8), mix: { mixup: 0.8, cutmix: 1, switchProbability: 0.25 } },
    'From scratch. Batches are mixed: Mixup (alpha 0.8) or CutMix (alpha 1), CutMix in 25 % of them.',
  ],
  [
    { trainPolicy: resize(8), sampling: { repeatedAugmentation: 3 } },
    'From scratch. Repeated augmentation: 3 views of each visited image.',
  ],
  [
    { trainPolicy: resize(8), sampling: 'class-balanced' as const },
    'From scratch. All classes are visited equally often.',
  ],
])('states the augmentations of %j', (arm, text) => {
  expect(armDescription({ description, ...arm })).toBe(text);
});
