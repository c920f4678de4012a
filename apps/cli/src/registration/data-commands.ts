import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { DataInfoOptions } from '../commands/data-info.ts';
import type { PlanCommandOptions } from '../commands/plan.ts';
import type { PreviewOptions } from '../commands/preview.ts';
import { planDefaults } from '../api/defaults.ts';
import { DATASET, jsonOption, quietOption, withDatasetOptions } from '../options/common-options.ts';
import { whole } from '../options/option-types.ts';
import { withAugmentOptions } from '../options/augment-options.ts';

/**
 * Adds the commands that inspect a data set without training: `plan`, `preview` and `data info`.
 */
export function addDataCommands(program: Command): void {
  const planCommand = program
    .command('plan')
    .description(
      'Recommend a test resolution: simulate training crops on the image sizes and compare test policies.',
    )
    .summary('Recommend a test resolution for a data set.')
    .argument('<dataset>', DATASET)
    .requiredOption('--train-size <pixels>', 'train size', whole(settingRanges.side))
    .option('--train-policy <name>', 'train policy', planDefaults.trainPolicy)
    .option(
      '--candidates <list>',
      'test policies to compare, <policy>@<size> or <size>, separated by commas',
    )
    .option('--seed <n>', 'seed of the simulation', whole(settingRanges.seed), planDefaults.seed)
    .option('--out <file>', 'draw the distributions as .png or .svg');
  withDatasetOptions(planCommand)
    .addOption(jsonOption('the plan'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres plan synthetic --train-size 64\n  fixres plan synthetic --train-size 64 --candidates 72,resize@80,fixresTest@112 --out plan.png\n' +
        '  fixres plan synthetic --train-size 64 --train-policy resizeFlip --json',
    )
    .action(async (dataset: string, options: PlanCommandOptions) => {
      const { plan } = await import('../commands/plan.ts');
      await plan(dataset, options);
    });

  const previewCommand = program
    .command('preview')
    .description(
      'Draw what a policy does: images with their crop rectangles, and what the model sees.',
    )
    .summary('Draw what a train or test policy does.')
    .argument('<dataset>', DATASET)
    .requiredOption('--policy <name>', 'train or test policy')
    .requiredOption('--image-size <pixels>', 'output size', whole(settingRanges.side))
    .requiredOption('--out <file>', 'picture file, .png or .svg')
    .option(
      '--train-size <pixels>',
      'train size (required by some policies)',
      whole(settingRanges.side),
    )
    // No viewer opens a picture with more images.
    .option('--count <n>', 'number of images', whole({ low: 1, high: 400 }), 25)
    .option(
      '--seed <n>',
      'seed for the selection of images and the crops',
      whole(settingRanges.seed),
      0,
    );
  withDatasetOptions(withAugmentOptions(previewCommand))
    .addOption(jsonOption('what was drawn'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres preview synthetic --policy sampledBoundingBoxCrop --image-size 64 --out train.png\n' +
        '  fixres preview synthetic --policy randomResizedCrop --image-size 128 --augment trivialAugmentWide --mixup 0.2 --out augmented.png\n' +
        '  fixres preview synthetic --policy fixresTest --image-size 112 --train-size 64 --count 9 --out test.png',
    )
    .action(async (dataset: string, options: PreviewOptions) => {
      const { preview } = await import('../commands/preview.ts');
      await preview(dataset, options);
    });

  const infoCommand = program
    .command('data')
    .description(
      'Count classes, parts, sizes and formats; list files that are left out, damaged or duplicated.',
    )
    .command('info')
    .description(
      'Count classes, parts, sizes and formats, and list files that are left out, damaged or duplicated.',
    )
    .argument('<dataset>', DATASET);
  withDatasetOptions(infoCommand)
    .addOption(jsonOption('the facts'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres data info synthetic\n  fixres data info synthetic --json',
    )
    .action(async (dataset: string, options: DataInfoOptions) => {
      const { dataInfo } = await import('../commands/data-info.ts');
      await dataInfo(dataset, options);
    });
}
