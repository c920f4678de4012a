import { enginePlatforms } from '@fixres/engine/names';
import { type Command, Option } from 'commander';
import type { SetupCommandOptions } from '../commands/setup.ts';
import { jsonOption } from '../options/common-options.ts';

/** Adds `setup`. */
export function addSetupCommand(program: Command): void {
  program
    .command('setup')
    .description('Install the native TensorFlow engine, or report what is missing.')
    .option('--gpu', "install the CUDA build of TensorFlow with NVIDIA's libraries")
    .option('--clean', 'remove all engines of earlier setups first')
    .addOption(
      new Option(
        '--from <folder>',
        'install from a folder filled by --download, without network',
      ).conflicts('download'),
    )
    .addOption(
      new Option(
        '--download <folder>',
        'download the files for a machine without network into this folder; install nothing',
      ).conflicts(['clean', 'from']),
    )
    .addOption(
      new Option(
        '--platform <name>',
        "with --download: target platform (default: this machine's)",
      ).choices(enginePlatforms),
    )
    .addOption(jsonOption('the result'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres setup\n  fixres setup --gpu\n  fixres setup --download engine-files --platform linux-x64\n  fixres setup --from engine-files',
    )
    .action(async (options: SetupCommandOptions) => {
      const { setup } = await import('../commands/setup.ts');
      await setup(options);
    });
}
