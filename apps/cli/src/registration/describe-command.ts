import { classRange, widthRange } from '@fixres/models/names';
import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { DescribeOptions } from '../commands/describe.ts';
import { armOption, seedOption } from '../options/common-options.ts';
import { imageSize, whole } from '../options/option-types.ts';

/** Adds `describe`. */
export function addDescribeCommand(program: Command): void {
  program
    .command('describe')
    .description('Count multiply-adds, parameters and memory of a model at an input size.')
    .summary('Count multiply-adds, parameters and memory of a model.')
    .argument(
      '<architecture|model|run>',
      'name of an architecture, model folder (model.json) or run folder',
    )
    .option(
      '--image-size <pixels>',
      "image size, or height x width (default: the model's, 224 for an architecture)",
      imageSize(settingRanges.side),
    )
    .option(
      '--width <channels>',
      'channels of the stem of an architecture (default: the published width)',
      whole(widthRange),
    )
    .option('--classes <n>', 'number of classes of an architecture', whole(classRange), 1000)
    .addOption(armOption())
    .addOption(seedOption())
    .option('--layers', 'also show every layer')
    .option('--json', 'print the description as one JSON object, layers included')
    .addHelpText(
      'after',
      '\nExamples:\n  fixres describe resnet50v2 --image-size 224\n  fixres describe mobilenetv2 --image-size 160 --layers\n  fixres describe runs/flowers --arm fixres --json',
    )
    .action(async (place: string, options: DescribeOptions) => {
      const { describeCommand } = await import('../commands/describe.ts');
      await describeCommand(place, options);
    });
}
