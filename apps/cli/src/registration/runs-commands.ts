import type { Command } from 'commander';
import type { CompareOptions } from '../commands/compare.ts';
import { jsonOption } from '../options/common-options.ts';
import { listOption } from '../options/option-types.ts';

/** Adds the commands that show runs in the terminal: `ls` and `compare`. */
export function addRunsCommands(program: Command): void {
  program
    .command('ls')
    .description('List runs, including running ones: state, data set, model, best accuracy, time.')
    .summary('List runs with their state and best accuracy.')
    .argument('[runs]', 'folder with run folders, or one run folder', 'runs')
    .addOption(jsonOption('the runs'))
    .addHelpText('after', '\nExamples:\n  fixres ls\n  fixres ls experiments/ --json')
    .action(async (runs: string, options: { json?: boolean }) => {
      const { ls } = await import('../commands/ls.ts');
      await ls(runs, options);
    });

  program
    .command('compare')
    .description(
      'Compare arms of runs on the same held-out images: accuracy, paired tests, different settings.',
    )
    .summary('Compare arms of runs on the same held-out images.')
    .argument(
      '<run...>',
      'run folders; arms are compared with those of the same name in the first run',
    )
    .addOption(listOption('--arm <names>', 'compare only these arms, separated by commas'))
    .option(
      '--test-policy <key>',
      "test policy for all arms, <policy>@<size>, or own: each arm's own",
      'own',
    )
    .option('--all', 'compare every arm with every other (default if no name occurs twice)')
    .addOption(
      listOption(
        '--pairs <pairs>',
        'only these comparisons, separated by commas: "fixres - small, control - small"',
      ).conflicts('all'),
    )
    .addOption(jsonOption('the comparison'))
    .addHelpText(
      'after',
      '\nExamples:\n  fixres compare runs/first runs/second\n  fixres compare runs/first runs/second --arm fixres,vanilla --test-policy resize@112 --all\n' +
        '  fixres compare runs/first --pairs "fixres - small, fixres - vanilla"\n  fixres compare runs/first --json',
    )
    .action(async (runs: string[], options: CompareOptions) => {
      const { compare } = await import('../commands/compare.ts');
      await compare(runs, options);
    });
}
