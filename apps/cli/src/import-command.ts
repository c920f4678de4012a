import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ImportKerasOptions } from './commands/import-keras.ts';
import { deviceOption, engineOption, jsonOption, quietOption } from './common-options.ts';
import { wholeNumber } from './option-types.ts';

/** Adds `import keras`. */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('Make a model folder of weights from elsewhere.')
    .command('keras')
    .description('Make a model folder of a weights file of Keras: .weights.h5, .keras or .h5.')
    .argument('<file>', 'the weights file, or imagenet for the weights that Keras publishes (downloaded)')
    .requiredOption('--arch <name>', 'architecture, for example resnet50v2 or mobilenetv2')
    .requiredOption('--out <folder>', 'model folder to write')
    .option('--classes <n>', 'number of classes; by default that of --class-names, or 1000 for imagenet', wholeNumber)
    .option('--class-names <file>', 'text file with the name of a class in each line, in the order of the outputs')
    .option('--width <channels>', 'stem width, when it is not the published one', wholeNumber)
    .option('--size <pixels>', 'side of the images the model is used at', wholeNumber, 224)
    .option('--policy <name>', 'test policy the model is used under', 'resize')
    .option('--train-size <pixels>', 'side of the training images, which fixresTest needs', wholeNumber)
    .addOption(
      new Option('--scaling <name>', 'range of the model\'s input, by default what the file says, else plus-minus-one').choices(['plus-minus-one', 'zero-one', 'none']),
    )
    .option('--new-classifier', 'leave the classifier of the file out; the model gets a new one')
    .option('--rename <from=to...>', 'names that layers of the file have in the model, for example dense=predictions', rename)
    .option('--weights-file <file>', 'local copy of the published weights, checked like a download')
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres import keras flowers.keras --arch resnet50v2 --class-names names.txt --size 224 --out flowers/\n' +
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
  if (from === undefined || to === undefined) throw new InvalidArgumentError('It must be <from>=<to>.');
  return { ...before, [from]: to };
}
