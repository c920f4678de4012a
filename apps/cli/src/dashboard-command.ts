import type { Command } from 'commander';
import type { DashboardCommandOptions } from './commands/dashboard.ts';
import { whole } from './option-types.ts';

/** Adds `dashboard`. */
export function addDashboardCommand(program: Command): void {
  program
    .command('dashboard')
    .description('Show runs in the browser, while they train and afterwards.')
    .argument('[runs]', 'the folder that holds run folders, or one run folder', 'runs')
    .option(
      '--port <n>',
      'where to listen, by default 6160 or any that is free',
      whole({ low: 0, high: 65_535 }),
    )
    .option('--open', 'open the page in the browser')
    .option('--host <address>', 'listen where other machines can reach it; needs --token')
    .option('--token <text>', 'ask for this token, 16 characters or more')
    .option('--control', 'let the page start, stop and resume runs; without it the page only reads')
    .option('--no-images', 'do not show the images behind predictions')
    .option('--json', 'print the address as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  fixres dashboard\n  fixres dashboard experiments/ --port 8080 --open\n  fixres dashboard --control\n' +
        '  fixres dashboard --host 0.0.0.0 --token "$(openssl rand -hex 16)"',
    )
    .action(async (runs: string, options: DashboardCommandOptions) => {
      const { dashboard } = await import('./commands/dashboard.ts');
      await dashboard(runs, options);
    });
}
