import { classRange, stemWidths, widthRange } from '@fixres/models/names';
import { settingRanges } from '@fixres/runs/names';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ImportKerasOptions } from './commands/import-keras.ts';
import {
  deviceOption,
  engineOption,
  jsonOption,
  modelOption,
  quietOption,
} from './common-options.ts';
import { positive, whole } from './option-types.ts';

/** Adds `import keras`. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('Make a model folder from weights of Keras.')
    .command('keras')
    .description('Make a model folder from a weights file of Keras: .weights.h5, .keras or .h5.')
    .argument(
      '<file>',
      'the weights file, or imagenet for the weights that Keras publishes (downloaded)',
    )
    .addOption(
      modelOption(
        '--arch <name>',
        'architecture, by default that of the file; needed where it holds weights alone',
      ),
    )
    .requiredOption('--out <folder>', 'model folder to write')
    .option(
      '--classes <n>',
      'number of classes, by default that of the file, of --class-names, or 1000 for imagenet',
      whole(classRange),
    )
    .option(
      '--class-names <file>',
      'text file with the name of a class in each line, in the order of the outputs',
    )
    .option(
      '--width <channels>',
      'stem width, by default that of the file or the published one',
      whole(widthRange),
    )
    .option(
      '--alpha <factor>',
      'factor on all widths of mobilenetv2, in place of --width',
      positive(widthRange.high / stemWidths.mobilenetv2),
    )
    .option(
      '--size <pixels>',
      'side of the images the model is used at, by default that of the file or 224',
      whole(settingRanges.side),
    )
    .option('--policy <name>', 'test policy the model is used under', 'resize')
    .option(
      '--train-size <pixels>',
      'side of the training images, which fixresTest needs',
      whole(settingRanges.side),
    )
    .addOption(
      new Option(
        '--scaling <name>',
        "range of the network's input, where the file does not say it",
      ).choices(['plus-minus-one', 'zero-one', 'none']),
    )
    .option('--new-classifier', 'leave the classifier of the file out; the model gets a new one')
    .option(
      '--rename <from=to>',
      'name that a layer of the file has in the model, dense=predictions for example; can be given again',
      rename,
    )
    .option('--weights-file <file>', 'local copy of the published weights, checked like a download')
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres import keras flowers.keras --class-names names.txt --out flowers/\n' +
        '  fixres import keras imagenet --arch resnet50v2 --classes 5 --new-classifier --out trunk/',
    )
    .action(async (file: string, options: ImportKerasOptions) => {
      const { importKeras } = await import('./commands/import-keras.ts');
      await importKeras(file, options);
    });
}

/** Reads one of `<from>=<to>` after another. */
function rename(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, from, to] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw new InvalidArgumentError('It must be <from>=<to>.');
  return { ...before, [from]: to };
}
