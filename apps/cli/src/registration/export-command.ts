import { type Command, Option } from 'commander';
import type { ExportOptions } from '../commands/export.ts';
import { settingRanges } from '@fixres/runs/names';
import { whole } from '../options/option-types.ts';
import {
  armOption,
  batchSizeOption,
  bestOption,
  deviceOption,
  engineOption,
  jsonOption,
  MODEL,
  quietOption,
  seedOption,
  withDatasetOptions,
} from '../options/common-options.ts';
import { exportFormats } from '../export/export-formats.ts';

/** Adds `export`. */
export function addExportCommand(program: Command): void {
  const command = program
    .command('export')
    .description('Write a trained model for other programs.')
    .argument('<model|run>', MODEL)
    .addOption(
      new Option(
        '--format <name>',
        Array.from(exportFormats, ([name, { summary }]) => `${name}: ${summary}`).join('; '),
      )
        .choices([...exportFormats.keys()])
        .makeOptionMandatory(),
    )
    .requiredOption('--out <folder>', 'folder to write')
    .addOption(
      new Option(
        '--layout <axes>',
        "order of the axes of the input, with onnx (default: the model's)",
      ).choices(['NHWC', 'NCHW']),
    )
    .option(
      '--with-preprocessing',
      'take decoded images of any size, and resize, crop and normalise them in the model, with onnx, savedmodel or keras',
    )
    .option(
      '--with-decoder',
      'take JPEG and PNG files, and decode and prepare them in the model, with savedmodel',
    )
    .addOption(
      new Option(
        '--precision <type>',
        'of the weights, with onnx or tflite (default: float32); int8 calibrates on training images',
      ).choices(['float32', 'float16', 'int8']),
    )
    .option(
      '--kernel-bits <number>',
      'of int8 kernels, with onnx: 7 or 8; 8 is more precise, but overflows on x64 processors without VNNI (default: 7)',
      whole({ low: 7, high: 8 }),
    )
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(bestOption())
    .option(
      '--data <dataset>',
      "images to verify the export on (default: those that the model's run held out)",
    )
    .option(
      '--limit <images>',
      'verify on at most this number of images',
      whole(settingRanges.images),
      5000,
    )
    .option('--require-verified', 'fail if the export is not verified, or differs from the model')
    .addOption(batchSizeOption())
    .addOption(engineOption())
    .addOption(deviceOption());
  withDatasetOptions(command)
    .addOption(jsonOption('the result'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres export runs/flowers --arm fixres --format savedmodel --out serving/\n  fixres export my-model/ --format keras-weights --out keras/\n  fixres export runs/flowers --format onnx --with-preprocessing --out serving/\n  fixres export runs/flowers --format savedmodel --with-decoder --out serving/1/',
    )
    .action(async (place: string, options: ExportOptions) => {
      const { exportModel } = await import('../commands/export.ts');
      await exportModel(place, options);
    });
}
