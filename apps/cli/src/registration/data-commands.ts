import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { DataConvertOptions } from '../commands/data-convert.ts';
import type { DataInfoOptions } from '../commands/data-info.ts';
import type { PreviewOptions } from '../commands/preview.ts';
import { DATASET, jsonOption, quietOption, withDatasetOptions } from '../options/common-options.ts';
import { count, imageSize, whole } from '../options/option-types.ts';
import { withAugmentOptions } from '../options/augment-options.ts';
import { addDataLeaksCommand } from './data-leaks-command.ts';
import { addPlanCommand } from './plan-command.ts';

/**
 * Adds the commands for a data set that do not train: `plan`, `preview`, `data info` and `data
 * convert`.
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
    .requiredOption(
      '--image-size <pixels>',
      'output size, or height x width',
      imageSize(settingRanges.side),
    )
    .requiredOption('--out <file>', 'picture file, .png or .svg')
    .option(
      '--train-size <pixels>',
      'train size (required by some policies)',
      imageSize(settingRanges.side),
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

  const dataCommand = program
    .command('data')
    .description('Describe a data set, or convert it to another layout.');
  const infoCommand = dataCommand
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

  const convertCommand = dataCommand
    .command('convert')
    .description(
      'Write a data set as class folders or webdataset shards: the same bytes, classes and parts.',
    )
    .argument('<dataset>', DATASET)
    .addOption(
      new Option('--to <layout>', 'layout of the new data set')
        .choices(['folder', 'webdataset'])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <folder>', 'folder for the new data set; must not exist, or be empty')
    .option('--shard-size <megabytes>', 'size of a webdataset shard in MB (default: 256)', count)
    .option('--skip-corrupt', 'leave out files that are no images, instead of stopping');
  withDatasetOptions(convertCommand)
    .addOption(jsonOption('what was written'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres data convert synthetic --to webdataset --out shards\n  fixres data convert photos/data --to folder --out folders',
    )
    .action(async (dataset: string, options: DataConvertOptions) => {
      const { dataConvert } = await import('../commands/data-convert.ts');
      await dataConvert(dataset, options);
    });

  addDataLeaksCommand(dataCommand);
}
