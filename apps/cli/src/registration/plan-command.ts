import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import { planDefaults, planTrainPolicy } from '../api/defaults.ts';
import type { PlanCommandOptions } from '../commands/plan.ts';
import {
  armOption,
  batchSizeOption,
  bestOption,
  DATASET,
  deviceOption,
  engineOption,
  jsonOption,
  MODEL,
  quietOption,
  withDatasetOptions,
} from '../options/common-options.ts';
import { imageSize, part, whole } from '../options/option-types.ts';

/** Adds `plan`. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .description(
      'Recommend a test resolution: simulate training crops on the image sizes and compare test policies. With a model or run, measure them on its held-out images: one half chooses, the other confirms.',
    )
    .summary('Recommend a test resolution for a data set.')
    .argument('<dataset|run>', `${DATASET}; or the ${MODEL} to measure with`)
    .argument('[dataset]', 'the data set, after a model or run')
    .option(
      '--train-size <pixels>',
      'train size, or height x width, required without a run',
      imageSize(settingRanges.side),
    )
    .option('--train-policy <name>', `train policy (default: the run's, or ${planTrainPolicy})`)
    .option(
      '--candidates <list>',
      'test policies to compare, <policy>@<size> or <size>, separated by commas',
    )
    .option('--seed <n>', 'seed of the simulation', whole(settingRanges.seed), planDefaults.seed)
    .option('--out <file>', 'draw the distributions as .png or .svg')
    .addOption(armOption())
    .addOption(
      new Option(
        '--model-seed <n>',
        'seed of the run whose model is measured, if it has several (default: the lowest)',
      ).argParser(whole(settingRanges.seed)),
    )
    .addOption(bestOption())
    .addOption(batchSizeOption())
    .option(
      '--limit <images>',
      "measure on this number of images (default: the run's)",
      whole(settingRanges.images),
    )
    .option(
      '--held-out <part>',
      "fraction of the images that is held out (default: the run's, or 0.1)",
      part,
    )
    .addOption(engineOption())
    .addOption(deviceOption());
  withDatasetOptions(command)
    .addOption(jsonOption('the plan'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres plan synthetic --train-size 64\n  fixres plan synthetic --train-size 64 --candidates 72,resize@80,fixresTest@112 --out plan.png\n' +
        '  fixres plan synthetic --train-size 64 --train-policy resizeFlip --json\n  fixres plan runs/flowers tf_flowers --arm small',
    )
    .action(async (first: string, second: string | undefined, options: PlanCommandOptions) => {
      const { plan } = await import('../commands/plan.ts');
      await plan(second === undefined ? [first] : [first, second], options);
    });
}
