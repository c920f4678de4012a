import { classRange } from '@fixres/models/names';
import { settingRanges } from '@fixres/runs/names';
import type { Command } from 'commander';
import type { ImportTimmOptions } from '../import-timm/import-timm-options.ts';
import {
  classNamesOption,
  deviceOption,
  engineOption,
  jsonOption,
  newClassifierOption,
  quietOption,
  sigmoidOption,
} from '../options/common-options.ts';
import { imageSize, whole } from '../options/option-types.ts';

/** Adds `timm` to `import`. */
export function addImportTimmCommand(parent: Command): void {
  parent
    .command('timm')
    .description('Convert weights of timm or torchvision in safetensors to a model folder.')
    .argument('<file>', 'weights as .safetensors')
    .requiredOption('--out <folder>', 'model folder to write')
    .option(
      '--arch <name>',
      'architecture in timm or torchvision (default: that of the configuration or of the tensors)',
    )
    .option('--config <file>', "timm's config.json (default: the one beside the weights)")
    .option(
      '--classes <n>',
      "number of classes (default: the file's, or that of --class-names)",
      whole(classRange),
    )
    .addOption(classNamesOption())
    .addOption(newClassifierOption())
    .addOption(sigmoidOption())
    .option(
      '--image-size <pixels>',
      'image size for the model, or height x width (default: that of the configuration, or 224)',
      imageSize(settingRanges.side),
    )
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres import timm resnet50.a1_in1k/model.safetensors --out resnet50/\n' +
        '  fixres import timm model.safetensors --new-classifier --classes 5 --out trunk/',
    )
    .action(async (file: string, options: ImportTimmOptions) => {
      const { importTimm } = await import('../commands/import-timm.ts');
      await importTimm(file, options);
    });
}
