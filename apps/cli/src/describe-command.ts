import { classRange, widthRange } from '@fixres/models/names';
import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { DescribeOptions } from './commands/describe.ts';
import { whole } from './option-types.ts';

/** Adds `describe`. */
export function addDescribeCommand(program: Command): void {
  program
    .command('describe')
    .description('Count multiply-adds, parameters and memory of a model at an input size.')
    .summary('Count multiply-adds, parameters and memory of a model.')
    .argument(
      '<architecture|model|run>',
      'name of an architecture, folder of a model (model.json), or a run folder',
    )
    .option(
      '--size <pixels>',
      "side of the input; by default the model's own, 224 for an architecture",
      whole(settingRanges.side),
    )
    .option(
      '--width <channels>',
      'stem width of an architecture, by default the published one',
      whole(widthRange),
    )
    .option('--classes <n>', 'classes of an architecture', whole(classRange), 1000)
    .option('--arm <name>', 'arm of a run that has several')
    .option(
      '--seed <n>',
      'seed of a run that has several; by default the lowest',
      whole(settingRanges.seed),
    )
    .option('--layers', 'show every layer as well')
    .option('--json', 'print the description as one JSON object, layers included')
    .addHelpText(
      'after',
      '\nExamples:\n  fixres describe resnet50v2 --size 224\n  fixres describe mobilenetv2 --size 160 --layers\n  fixres describe runs/flowers --arm fixres --json',
    )
    .action(async (place: string, options: DescribeOptions) => {
      const { describeCommand } = await import('./commands/describe.ts');
      await describeCommand(place, options);
    });
}
