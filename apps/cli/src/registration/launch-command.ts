import { type Command, Option } from 'commander';
import type { LaunchOptions } from '../commands/launch.ts';
import { whole } from '../options/option-types.ts';

/** Adds `launch`. */
export function addLaunchCommand(program: Command): void {
  program
    .command('launch')
    .description(
      'Run a command that trains as several processes of this machine, which train one model together: one for each GPU, or with a share of the cores.',
    )
    .summary('Train one model with several processes.')
    .argument(
      '<command...>',
      'after --: train, finetune, reproduce, run, resume or doctor, and its arguments',
    )
    .addOption(
      new Option('--processes <n>', 'number of processes (default: one for each GPU)').argParser(
        whole({ low: 1, high: 1024 }),
      ),
    )
    .option(
      '--restarts <n>',
      'start all again this often if one fails, and resume the run; needs --out in the command',
      whole({ low: 0, high: 1000 }),
      0,
    )
    .option(
      '--log-dir <folder>',
      'write what each process but the first prints, and its events, to process-<n>.log in this folder',
    )
    .addOption(
      new Option(
        '--bind-to <what>',
        'keep each process on its share of the cores, or let all use all (default: core; none with GPUs or where it cannot be)',
      ).choices(['core', 'none']),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  fixres launch --processes 4 -- train photos/ --image-size 160 --out runs/photos\n  fixres launch --processes 2 --restarts 3 -- run experiment.yaml --out runs/experiment\n  fixres launch --processes 2 -- doctor --cluster',
    )
    .action(async (words: string[], options: LaunchOptions) => {
      const { launch } = await import('../commands/launch.ts');
      await launch(words, options);
    });
}
