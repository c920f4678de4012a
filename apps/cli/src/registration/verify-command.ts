import type { Command } from 'commander';
import type { VerifyOptions } from '../commands/verify.ts';
import {
  batchSizeOption,
  jsonOption,
  quietOption,
  withDatasetOptions,
} from '../options/common-options.ts';

/** Adds `verify`. */
export function addVerifyCommand(program: Command): void {
  const command = program
    .command('verify')
    .description('Run an exported model again, and compare it with the model it was made from.')
    .argument('<folder>', 'folder of an export, with export.json')
    .option('--data <dataset>', "images to use (default: the certificate's)")
    .addOption(batchSizeOption());
  withDatasetOptions(command)
    .addOption(jsonOption('the certificate'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres verify serving/\n  fixres verify serving/ --data photos/ --json',
    )
    .action(async (folder: string, options: VerifyOptions) => {
      const { verifyExport } = await import('../commands/verify.ts');
      await verifyExport(folder, options);
    });
}
