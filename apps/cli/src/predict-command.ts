import { settingRanges } from '@fixres/runs/names';
import { type Command, Option } from 'commander';
import type { PredictOptions } from './commands/predict.ts';
import {
  bestOption,
  deviceOption,
  engineOption,
  jsonOption,
  megapixelsOption,
  quietOption,
} from './common-options.ts';
import { count, whole } from './option-types.ts';

/** Adds `predict`. */
export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description('Classify photos with a trained model, prepared as the model expects them.')
    .summary('Classify photos with a trained model.')
    .argument('<model|run>', 'folder of a model (model.json), or a run folder')
    .argument(
      '<image...>',
      'image files; folders, for all images below them; patterns; - for a list on stdin, a path in each line',
    )
    .option('--top <n>', 'classes to show of each image', count, 5)
    .option('--policy <name>', "prepare the images by this test policy instead of the model's own")
    .option(
      '--size <pixels>',
      "side of the input instead of the model's own",
      whole(settingRanges.side),
    )
    .option(
      '--train-size <pixels>',
      'side of the training images, which fixresTest needs; known for runs',
      whole(settingRanges.side),
    )
    .option('--override-contract', 'allow another preparation than the model was made for')
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
    .addOption(megapixelsOption())
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(jsonOption('the predictions, with the probability of every class,'))
    .addOption(
      new Option(
        '--ndjson',
        'print each prediction as one JSON object a line, as soon as it is made',
      ).conflicts('json'),
    )
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres predict runs/flowers photo.jpg --arm fixres\n  fixres predict my-model/ *.jpg --top 1 --json\n  fixres predict my-model/ photos/ --ndjson > predictions.jsonl',
    )
    .action(async (place: string, files: string[], options: PredictOptions) => {
      const { predict } = await import('./commands/predict.ts');
      await predict(place, files, options);
    });
}
