import { type AugmentEntry, colorJitterStep, type MixSettings } from '@fixres/data';
import type { AugmentChoice } from '../options/augment-options.ts';

/** The augmentations in the order of timm and torchvision: those by name, colour jitter, erasing. */
export function augmentationsOf({
  augment = [],
  colorJitter,
  randomErasing,
}: AugmentChoice): AugmentEntry[] {
  return [
    ...augment,
    ...(colorJitter === undefined
      ? []
      : [
          colorJitterStep({
            brightness: colorJitter,
            contrast: colorJitter,
            saturation: colorJitter,
          }),
        ]),
    ...(randomErasing === undefined
      ? []
      : [{ op: 'randomErasing', probability: randomErasing } as const]),
  ];
}

/** How batches are mixed; undefined without either option. */
export function mixOf({ mixup, cutmix }: AugmentChoice): MixSettings | undefined {
  if (mixup === undefined && cutmix === undefined) return undefined;
  return {
    ...(mixup !== undefined && { mixup }),
    ...(cutmix !== undefined && { cutmix }),
  };
}
