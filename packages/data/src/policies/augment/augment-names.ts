import type { AugmentStep } from './augment-step.ts';

/** Names of all augmentation steps. */
export type AugmentName = AugmentStep['op'];

/** All augmentation steps by name. This module loads nothing else. */
export const augmentNames: readonly AugmentName[] = [
  'randAugment',
  'trivialAugmentWide',
  'autoAugment',
  'augMix',
  'threeAugment',
  'randomErasing',
  'randomGrayscale',
  'gaussianBlur',
];

/** Whether a step's name is that of an augmentation. */
export function isAugmentName(op: string): op is AugmentName {
  return (augmentNames as readonly string[]).includes(op);
}
