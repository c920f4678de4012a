import { type Command, Option } from 'commander';
import type { ExportOptions } from '../commands/export.ts';
import {
  armOption,
  bestOption,
  deviceOption,
  engineOption,
  jsonOption,
  MODEL,
  seedOption,
} from '../options/common-options.ts';
import { exportFormats } from '../export/export-formats.ts';

/** Adds `export`. */
export function addExportCommand(program: Command): void {
  program
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
    .addOption(armOption())
    .addOption(seedOption())
    .addOption(bestOption())
    .addOption(engineOption())
    .addOption(deviceOption())
    .addOption(jsonOption('the result'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres export runs/flowers --arm fixres --format savedmodel --out serving/\n  fixres export my-model/ --format keras-weights --out keras/',
    )
    .action(async (place: string, options: ExportOptions) => {
      const { exportModel } = await import('../commands/export.ts');
      await exportModel(place, options);
    });
}
