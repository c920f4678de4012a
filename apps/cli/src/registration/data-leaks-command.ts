import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { DataLeaksOptions } from '../commands/data-leaks.ts';
import {
  armOption,
  bestOption,
  DATASET,
  deviceOption,
  engineOption,
  jsonOption,
  quietOption,
  seedOption,
  withDatasetOptions,
} from '../options/common-options.ts';
import { part, whole } from '../options/option-types.ts';

/** Adds `leaks` to the commands of `data`. */
export function addDataLeaksCommand(data: Command): void {
  const command = data
    .command('leaks')
    .description(
      'Find images that look the same: a training image that is held out too, or one picture in two classes. Scaled and re-encoded copies are found, and photos of one camera within a minute.',
    )
    .argument('<dataset>', DATASET)
    .option('--limit <images>', 'use only this number of images', whole(settingRanges.images))
    .option('--held-out <part>', 'fraction of the images that is held out (default: 0.1)', part)
    .option(
      '--split-by-group <group>',
      'count what is left with groups that the split keeps together: look-alikes, a pattern of names like "*/{group}_*", or a column or key of a list of images',
    )
    .option(
      '--distance <n>',
      'largest number of different bits of the 64 of a perceptual hash',
      whole({ low: 0, high: 15 }),
      6,
    );
  command
    .option(
      '--model <model|run>',
      'also list the held-out images with the training images that this trained model finds most similar',
    )
    .option('--out <file>', 'draw the first pairs of each kind as .svg or .png')
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(bestOption())
    .addOption(engineOption())
    .addOption(deviceOption());
  withDatasetOptions(command)
    .addOption(jsonOption('the pairs'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres data leaks photos/\n  fixres data leaks tf_flowers --held-out 0.3 --json\n  fixres data leaks tf_flowers --model runs/flowers --arm fixres --out pairs.png',
    )
    .action(async (dataset: string, options: DataLeaksOptions) => {
      const { dataLeaks } = await import('../commands/data-leaks.ts');
      await dataLeaks(dataset, options);
    });
}
