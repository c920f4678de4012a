import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { EvaluateCommandOptions } from './commands/evaluate.ts';
import {
  bestOption,
  DATASET,
  deviceOption,
  engineOption,
  jsonOption,
  quietOption,
  withDatasetOptions,
} from './common-options.ts';
import { part, whole } from './option-types.ts';

/** Adds `evaluate`. */
export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description('Score a trained model on a data set, at one size or several.')
    .argument('<model|run>', 'folder of a model (model.json), or a run folder')
    .argument('<dataset>', DATASET)
    .option(
      '--sizes <list>',
      "sides of the input in pixels, separated by commas; by default the model's own",
    )
    .option('--policy <name>', "test policy; by default the model's own, scaled to each size")
    .option(
      '--train-size <pixels>',
      'side of the training images, which fixresTest needs; known for runs',
      whole(settingRanges.side),
    )
    .addOption(
      new Option('--tta <views>', 'test-time augmentation: average the probabilities over views')
        .choices(['none', 'flip', 'five-crop', 'ten-crop'])
        .default('none'),
    )
    .option(
      '--search',
      'choose the best size on one half of the images and confirm it on the other',
    )
    .option('--split <name>', 'held-out, train, all, or a part that the data set names', 'held-out')
    .option(
      '--limit <images>',
      'use only this many images; by default as many as the run did',
      whole(settingRanges.images),
    )
    .option(
      '--held-out <part>',
      'part of the images that is held out; by default what the run held out, or 0.1',
      part,
    )
    .option('--arm <name>', 'arm of a run that has several')
    .option(
      '--seed <n>',
      'seed of a run that has several; by default the lowest',
      whole(settingRanges.seed),
    )
    .addOption(bestOption())
    .option(
      '--batch <images>',
      'images computed at once',
      whole({ ...settingRanges.batchSize, low: 1 }),
      32,
    )
    .option('--per-class', 'show the accuracy of each class as well')
    .option('--activations', 'measure the activations before pooling at each size as well')
    .addOption(engineOption())
    .addOption(deviceOption())
    .option('--skip-corrupt', 'leave out images that cannot be decoded instead of stopping');
  withDatasetOptions(command)
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres evaluate runs/flowers tf_flowers --arm fixres --sizes 96,128,160,192,224 --search\n' +
        '  fixres evaluate my-model/ photos/ --sizes 224 --policy shortSideCrop --tta flip --json',
    )
    .action(async (place: string, dataset: string, options: EvaluateCommandOptions) => {
      const { evaluateCommand } = await import('./commands/evaluate.ts');
      await evaluateCommand(place, dataset, options);
    });
}
