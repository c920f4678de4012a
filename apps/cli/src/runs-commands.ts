import type { Command } from 'commander';
import type { CompareOptions } from './commands/compare.ts';
import { jsonOption } from './common-options.ts';
import { listOption } from './option-types.ts';

/** Adds the commands that look at runs in the terminal: `ls` and `compare`. */
export function addRunsCommands(program: Command): void {
  program
    .command('ls')
    .description(
      'List runs: state, data set, model, best accuracy, time. Also those that are training now.',
    )
    .summary('List runs with their state and best accuracy.')
    .argument('[runs]', 'the folder that holds run folders, or one run folder', 'runs')
    .addOption(jsonOption('the runs'))
    .addHelpText('after', '\nExamples:\n  fixres ls\n  fixres ls experiments/ --json')
    .action(async (runs: string, options: { json?: boolean }) => {
      const { ls } = await import('./commands/ls.ts');
      await ls(runs, options);
    });

  program
    .command('compare')
    .description(
      'Compare the arms of runs on the same held-out images: accuracies, paired tests, settings that differ.',
    )
    .summary('Compare arms of runs on the same held-out images.')
    .argument('<run...>', 'run folders; arms of the same name are compared with those of the first')
    .addOption(listOption('--arm <names>', 'only these arms, separated by commas'))
    .option(
      '--policy <key>',
      'test policy for all, <policy>@<size>; own: each arm under its own',
      'own',
    )
    .option(
      '--all',
      'compare every arm with every other; without it only where no name occurs twice',
    )
    .addOption(jsonOption('the comparison'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres compare runs/first runs/second\n  fixres compare runs/first runs/second --arm fixres,vanilla --policy resize@112 --all\n' +
        '  fixres compare runs/first --json',
    )
    .action(async (runs: string[], options: CompareOptions) => {
      const { compare } = await import('./commands/compare.ts');
      await compare(runs, options);
    });
}
