import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import { trainDefaults } from '../api/defaults.ts';
import type { LrOptions } from '../commands/lr.ts';
import {
  DATASET,
  decodeOption,
  deviceOption,
  engineOption,
  jsonOption,
  quietOption,
  withDatasetOptions,
  withDiskCache,
} from '../options/common-options.ts';
import { part, positive, whole } from '../options/option-types.ts';
import { withRecipe, withTrainingChoice } from '../training-choice/training-choice-options.ts';
import { withTrainedModel } from './training-commands.ts';

/** Adds `lr`. */
export function addLrCommand(program: Command): void {
  const lrCommand = program
    .command('lr')
    .description(
      'Find a learning rate: train for some updates with a rate that grows until the loss diverges, and suggest the rate at which the loss falls most steeply. Takes the options of train, or an arm of an experiment. Stores no model.',
    )
    .summary('Find a learning rate for a training.')
    .argument('<dataset|experiment>', `${DATASET}; or an experiment, YAML or JSON`)
    .option('--from <rate>', 'learning rate of the first update (default: 1e-7)', positive())
    .option('--to <rate>', 'learning rate after the last update (default: 10)', positive())
    .option(
      '--updates <n>',
      'maximum number of updates (default: 100)',
      whole({ low: 20, high: 10_000 }),
    )
    .option('--out <file>', 'draw the losses as .svg or .png');
  withTrainedModel(
    lrCommand,
    'arm of the experiment (default: the first); with --init-from: arm of the run',
  ).option(
    '--batch-size <images>',
    'batch size',
    whole(settingRanges.batchSize),
    trainDefaults.batchSize,
  );
  withTrainingChoice(withRecipe(lrCommand), {
    optimizer: 'adam',
    learningRate: trainDefaults.learningRate,
    schedule: 'constant',
  })
    .option('--limit <images>', 'use only this number of images', whole(settingRanges.images))
    .option('--held-out <part>', 'fraction of the images to hold out (default: 0.1)', part)
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(decodeOption("accurate, or the initial model's"));
  withDiskCache(withDatasetOptions(lrCommand))
    .addOption(jsonOption('rates, losses and the suggestion'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres lr photos/ --model resnet14v2 --image-size 96\n  fixres lr photos/ --optimizer sgd --momentum 0.9 --to 100 --out lr.svg\n  fixres lr experiment.yaml --arm small --json',
    )
    .action(async (place: string, options: LrOptions, command: Command) => {
      const { lr } = await import('../commands/lr.ts');
      const given = Object.keys(options).filter(
        (name) => command.getOptionValueSource(name) === 'cli',
      );
      await lr(place, options, given);
    });
}
