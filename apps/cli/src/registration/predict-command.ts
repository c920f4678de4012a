import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { PredictCommandOptions } from '../commands/predict.ts';
import { predictDefaults } from '../api/defaults.ts';
import {
  armOption,
  batchSizeOption,
  bestOption,
  decodeOption,
  deviceOption,
  engineOption,
  jsonOption,
  megapixelsOption,
  MODEL,
  quietOption,
  seedOption,
} from '../options/common-options.ts';
import { count, imageSize } from '../options/option-types.ts';

/** Adds `predict`. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description('Classify photos with a trained model, with the preprocessing of the model.')
    .summary('Classify photos with a trained model.')
    .argument('<model|run>', MODEL)
    .argument('<image...>', 'image files, folders, patterns, or - for a list of paths on stdin')
    .option(
      '--top <n>',
      'number of classes to show per image; multi-label models show all that reach their thresholds',
      count,
      predictDefaults.top,
    )
    .option('--test-policy <name>', "test policy (default: the model's)")
    .option(
      '--image-size <pixels>',
      "image size, or height x width (default: the model's)",
      imageSize(settingRanges.side),
    )
    .option(
      '--train-size <pixels>',
      'train size, required by fixresTest (known for runs)',
      imageSize(settingRanges.side),
    )
    .option(
      '--adaptive <file>',
      'decide at a small size where that is sure enough, by the rule that evaluate --adaptive wrote',
    )
    .addOption(decodeOption("the model's; another needs --override-contract"))
    .option('--override-contract', "allow preprocessing that differs from the model's contract")
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(bestOption())
    .addOption(batchSizeOption())
    .addOption(megapixelsOption())
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(jsonOption('the predictions, with the probability of every class,'))
    .addOption(
      new Option(
        '--ndjson',
        'print each prediction as one JSON object per line, as soon as it is ready',
      ).conflicts('json'),
    )
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres predict runs/flowers photo.jpg --arm fixres\n  fixres predict my-model/ *.jpg --top 1 --json\n  fixres predict my-model/ photos/ --adaptive rule.json\n  fixres predict my-model/ photos/ --ndjson > predictions.jsonl',
    )
    .action(async (place: string, files: string[], options: PredictCommandOptions) => {
      const { predict } = await import('../commands/predict.ts');
      await predict(place, files, options);
    });
}
