import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { DataInfoOptions } from '../commands/data-info.ts';
import type { PreviewOptions } from '../commands/preview.ts';
import { DATASET, jsonOption, quietOption, withDatasetOptions } from '../options/common-options.ts';
import { whole } from '../options/option-types.ts';
import { addPlanCommand } from './plan-command.ts';

/**
 * Adds the commands that inspect a data set without training: `plan`, `preview` and `data info`.
 */
export function addDataCommands(program: Command): void {
  addPlanCommand(program);

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
  withDatasetOptions(previewCommand)
    .addOption(jsonOption('what was drawn'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres preview synthetic --policy sampledBoundingBoxCrop --image-size 64 --out train.png\n' +
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
