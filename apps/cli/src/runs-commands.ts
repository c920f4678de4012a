import type { Command } from 'commander';

/** Adds the commands that look at runs in the terminal: `ls`. */
export function addRunsCommands(program: Command): void {
  program
    .command('ls')
    .description('List runs: state, data set, model, best accuracy, time. Also those that are training now.')
    .argument('[runs]', 'the folder that holds run folders, or one run folder', 'runs')
    .option('--json', 'print the runs as one JSON list')
    .addHelpText('after', '\nExamples:\n  fixres ls\n  fixres ls experiments/ --json')
    .action(async (runs: string, options: { json?: boolean }) => {
      const { ls } = await import('./commands/ls.ts');
      await ls(runs, options);
    });
}
