import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { DataInfoOptions } from './commands/data-info.ts';
import type { PlanOptions } from './commands/plan.ts';
import type { PreviewOptions } from './commands/preview.ts';
import { DATASET, jsonOption, quietOption, withDatasetOptions } from './common-options.ts';
import { whole } from './option-types.ts';

/** Adds the commands that look at a data set without training: `plan`, `preview` and `data info`. */
export function addDataCommands(program: Command): void {
  const planCommand = program
    .command('plan')
    .description(
      'Choose a test resolution: simulate training crops on the sizes of the images and compare test policies with them.',
    )
    .summary('Choose a test resolution that fits the sizes of the images.')
    .argument('<dataset>', DATASET)
    .requiredOption(
      '--train-size <pixels>',
      'side of the training images',
      whole(settingRanges.side),
    )
    .option('--policy <name>', 'training policy', 'sampledBoundingBoxCrop')
    .option(
      '--candidates <list>',
      'test policies to compare, <policy>@<size> or <size>, separated by commas',
    )
    .option('--seed <n>', 'seed of the simulation', whole(settingRanges.seed), 0)
    .option('--out <file>', 'draw the distributions as .png or .svg');
  withDatasetOptions(planCommand)
    .addOption(jsonOption('the plan'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres plan synthetic --train-size 64\n  fixres plan synthetic --train-size 64 --candidates 72,resize@80,fixresTest@112 --out plan.png\n' +
        '  fixres plan synthetic --train-size 64 --policy resizeFlip --json',
    )
    .action(async (dataset: string, options: PlanOptions) => {
      const { plan } = await import('./commands/plan.ts');
      await plan(dataset, options);
    });

  const previewCommand = program
    .command('preview')
    .description(
      'Show what a policy does: images with their crop rectangles beside what the model sees.',
    )
    .summary('Draw what a crop policy shows to the model.')
    .argument('<dataset>', DATASET)
    .requiredOption('--policy <name>', 'the policy')
    .requiredOption('--size <pixels>', 'side of what comes out', whole(settingRanges.side))
    .requiredOption('--out <file>', 'the picture, .png or .svg')
    .option(
      '--train-size <pixels>',
      'side of the training images, which some policies need',
      whole(settingRanges.side),
    )
    // More make a picture that no viewer opens.
    .option('--count <n>', 'number of images', whole({ low: 1, high: 400 }), 25)
    .option(
      '--seed <n>',
      'seed of the choice of images and of the crops',
      whole(settingRanges.seed),
      0,
    );
  withDatasetOptions(previewCommand)
    .addOption(jsonOption('what was drawn'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres preview synthetic --policy sampledBoundingBoxCrop --size 64 --out train.png\n' +
        '  fixres preview synthetic --policy fixresTest --size 112 --train-size 64 --count 9 --out test.png',
    )
    .action(async (dataset: string, options: PreviewOptions) => {
      const { preview } = await import('./commands/preview.ts');
      await preview(dataset, options);
    });

  const infoCommand = program
    .command('data')
    .description(
      'Count classes, parts, sizes and formats; find what is left out, damaged and repeated files.',
    )
    .command('info')
    .description(
      'Count classes, parts, sizes and formats, and find what is left out, damaged and repeated files.',
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
      const { dataInfo } = await import('./commands/data-info.ts');
      await dataInfo(dataset, options);
    });
}
