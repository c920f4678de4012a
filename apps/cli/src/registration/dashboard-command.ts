import type { Command } from 'commander';
import type { DashboardCommandOptions } from '../commands/dashboard.ts';
import { whole } from '../options/option-types.ts';

/** Adds `dashboard`. */
export function addDashboardCommand(program: Command): void {
  program
    .command('dashboard')
    .description('Show runs in the browser, during and after training.')
    .argument('[runs]', 'folder with run folders, or one run folder', 'runs')
    .option('--port <n>', 'port (default: 6160, or any free port)', whole({ low: 0, high: 65_535 }))
    .option('--open', 'open the page in the browser')
    .option(
      '--host <address>',
      'address to listen on; addresses that other machines can reach need --token',
    )
    .option('--token <text>', 'token that requests must contain, at least 16 characters')
    .option('--control', 'allow the page to start, stop and resume runs (default: read-only)')
    .option('--no-images', 'do not serve the images of predictions')
    .option('--json', 'print the address as one JSON object')
    .addHelpText(
      'after',
      '\nExamples:\n  fixres dashboard\n  fixres dashboard experiments/ --port 8080 --open\n  fixres dashboard --control\n' +
        '  fixres dashboard --host 0.0.0.0 --token "$(openssl rand -hex 16)"',
    )
    .action(async (runs: string, options: DashboardCommandOptions) => {
      const { dashboard } = await import('../commands/dashboard.ts');
      await dashboard(runs, options);
    });
}
