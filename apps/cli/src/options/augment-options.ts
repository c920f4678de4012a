import { type AugmentName, augmentNames } from '@fixres/data/names';
import type { Command } from 'commander';
import { listOption, part, positive } from './option-types.ts';

/** How training images are augmented and mixed, as the command line gives it. Default: not. */
export interface AugmentChoice {
  /** Augmentations with their defaults, in this order. */
  augment?: readonly AugmentName[] | undefined;
  /** Strength for brightness, contrast and saturation. */
  colorJitter?: number | undefined;
  /** Probability. */
  randomErasing?: number | undefined;
  /** Alpha. */
  mixup?: number | undefined;
  /** Alpha. */
  cutmix?: number | undefined;
}

/** Adds the options of {@link AugmentChoice}. */
export function withAugmentOptions(command: Command): Command {
  return command
    .addOption(
      listOption(
        '--augment <names>',
        'augmentations of training images, separated by commas',
        augmentNames,
      ),
    )
    .option(
      '--color-jitter <strength>',
      'change brightness, contrast and saturation by random factors up to 1 ± strength',
      positive(100),
    )
    .option(
      '--random-erasing <probability>',
      'overwrite a random rectangle of this fraction of training images',
      part,
    )
    .option('--mixup <alpha>', 'mix training images and their labels (Mixup)', positive(1000))
    .option(
      '--cutmix <alpha>',
      'replace rectangles by those of other training images (CutMix)',
      positive(1000),
    );
}
