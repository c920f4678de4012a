import {
  applicationNames,
  classRange,
  modelNames,
  stemWidths,
  widthRange,
} from '@fixres/models/names';
import { settingRanges } from '@fixres/runs/names';
import { inputScalings } from '@fixres/data/names';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ImportKerasOptions } from '../import-keras/import-keras-options.ts';
import {
  classNamesOption,
  decodeOption,
  deviceOption,
  engineOption,
  jsonOption,
  newClassifierOption,
  quietOption,
  sigmoidOption,
} from '../options/common-options.ts';
import { imageSize, positive, whole } from '../options/option-types.ts';

/** Adds `keras` to `import`. */
export function addImportKerasCommand(parent: Command): void {
  parent
    .command('keras')
    .description('Convert a Keras file to a model folder: .keras, .h5 or .weights.h5.')
    .argument('<file>', 'Keras file, or imagenet to download the published weights')
    .addOption(
      new Option(
        '--arch <name>',
        "architecture (default: the file's; required if the file contains only weights)",
      ).choices([...modelNames, ...applicationNames]),
    )
    .requiredOption('--out <folder>', 'model folder to write')
    .option(
      '--classes <n>',
      "number of classes (default: the file's, that of --class-names, or 1000 for imagenet)",
      whole(classRange),
    )
    .addOption(classNamesOption())
    .option(
      '--width <channels>',
      "channels of the stem (default: the file's, or the published width)",
      whole(widthRange),
    )
    .option(
      '--alpha <factor>',
      'width factor of mobilenetv2, instead of --width',
      positive(widthRange.high / stemWidths.mobilenetv2),
    )
    .option(
      '--image-size <pixels>',
      "image size for the model, or height x width (default: the file's, or 224)",
      imageSize(settingRanges.side),
    )
    .option('--test-policy <name>', 'test policy of the model', 'resize')
    .option(
      '--train-size <pixels>',
      'train size, required by fixresTest',
      imageSize(settingRanges.side),
    )
    .addOption(
      new Option(
        '--scaling <name>',
        "scaling of the network's input, if the file does not define it",
      ).choices(Object.keys(inputScalings)),
    )
    .addOption(decodeOption('accurate'))
    .option(
      '--no-drop-path',
      'leave out stochastic depth, so that features of a frozen network can be cached',
    )
    .addOption(newClassifierOption())
    .addOption(sigmoidOption())
    .option(
      '--rename <from=to>',
      'rename a layer of the file, for example dense=predictions; can be repeated',
      rename,
    )
    .option(
      '--weights-file <file>',
      'local copy of the published weights; its checksum is verified if one is published',
    )
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
      const { importKeras } = await import('../commands/import-keras.ts');
      await importKeras(file, options);
    });
}

/** Collects the values `<from>=<to>` of a repeated option. */
function rename(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, from, to] = /^([^=]+)=([^=]+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined)
    throw new InvalidArgumentError('It must be <from>=<to>.');
  return { ...before, [from]: to };
}
