import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { EvaluateCommandOptions } from '../commands/evaluate.ts';
import { evaluateDefaults } from '../api/defaults.ts';
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
  seedOption,
  decodeOption,
  withDatasetOptions,
} from '../options/common-options.ts';
import { imageSize, part, positive, whole } from '../options/option-types.ts';

/** Adds `evaluate`. */
export function addEvaluateCommand(program: Command): void {
  const command = program
    .command('evaluate')
    .description('Evaluate a trained model on a data set, at one or several sizes.')
    .argument('<model|run>', MODEL)
    .argument('<dataset>', DATASET)
    .option(
      '--sizes <list>',
      "test sizes in pixels, or height x width, separated by commas (default: the model's)",
    )
    .option('--test-policy <name>', "test policy (default: the model's, scaled to each size)")
    .option(
      '--train-size <pixels>',
      'train size, required by fixresTest (known for runs)',
      imageSize(settingRanges.side),
    )
    .addOption(
      new Option('--tta <views>', 'test-time augmentation: average the probabilities over views')
        .choices(['none', 'flip', 'five-crop', 'ten-crop'])
        .default(evaluateDefaults.tta),
    )
    .option(
      '--search',
      'choose the best size on one half of the images, and confirm it on the other half',
    )
    .option(
      '--non-inferior <points>',
      'with --search: also find the cheapest size that is at most this number of percentage points below the best, with 95 % confidence',
      positive(50),
    )
    .option(
      '--adaptive <file>',
      'calibrate on one half of the images when the smaller of the sizes may decide instead of the largest, confirm it on the other half, and write the rule for predict --adaptive to this file',
    )
    .option(
      '--agreement <percent>',
      'with --adaptive: percentage of images that must be decided as at the largest size, with 95 % confidence (default: 98)',
      positive(99.99),
    )
    .option('--curve <file>', 'with --adaptive: draw accuracy against mean compute as .svg or .png')
    .option(
      '--split <name>',
      'images to evaluate: held-out, train, all, or a part of the data set',
      evaluateDefaults.split,
    )
    .option(
      '--limit <images>',
      "use only this number of images (default: the run's)",
      whole(settingRanges.images),
    )
    .option(
      '--held-out <part>',
      "fraction of the images that is held out (default: the run's, or 0.1)",
      part,
    )
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(bestOption())
    .addOption(batchSizeOption())
    .option('--per-class', 'also show the accuracy of each class')
    .option('--activations', 'also measure the activations before pooling at each size')
    .option(
      '--corruptions [list]',
      'also evaluate on corrupted images: the 15 corruptions of ImageNet-C, or those in a list such as fog,snow',
    )
    .option(
      '--severities <list>',
      'with --corruptions: severities from 1 to 5, such as 1-3 or 5 (default: 1-5)',
    )
    .option(
      '--calibration',
      'also show the calibration error with its interval, before and after temperature scaling',
    )
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(decodeOption("the model's"))
    .option('--skip-corrupt', 'leave out images that cannot be decoded, instead of stopping');
  withDatasetOptions(command)
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres evaluate runs/flowers tf_flowers --arm fixres --sizes 96,128,160,192,224 --search --non-inferior 2\n' +
        '  fixres evaluate my-model/ photos/ --sizes 224 --test-policy shortSideCrop --tta flip --json\n' +
        '  fixres evaluate runs/flowers tf_flowers --arm fixres --sizes 64,96,128 --adaptive rule.json --curve curve.svg\n' +
        '  fixres evaluate runs/flowers tf_flowers --arm fixres --corruptions fog,snow --severities 3 --calibration',
    )
    .action(async (place: string, dataset: string, options: EvaluateCommandOptions) => {
      const { evaluateCommand } = await import('../commands/evaluate.ts');
      await evaluateCommand(place, dataset, options);
    });
}
