import type { Command } from 'commander';
import type { ReportCommandOptions } from '../commands/report.ts';
import { engineOption, jsonOption, quietOption } from '../options/common-options.ts';

/** Adds `report`. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('Write a report about runs, finished or not, as one HTML file.')
    .argument('<run...>', 'run folders')
    .requiredOption('--out <file>', 'report file (.html); an existing file is overwritten')
    .option('--no-images', 'leave out pictures and everything that needs the data set')
    .option(
      '--similar',
      'also show the held-out images that the most accurate model finds most similar to training images, which computes features of all images',
    )
    .addOption(engineOption())
    .addOption(jsonOption('what was written'))
    .addOption(quietOption())
    .addHelpText(
      'after',
      '\nExamples:\n  fixres report runs/flowers --out report.html\n  fixres report runs/small runs/large --out both.html --no-images\n  fixres report runs/flowers --out report.html --similar',
    )
    .action(async (runs: string[], options: ReportCommandOptions) => {
      const { report } = await import('../commands/report.ts');
      await report(runs, options);
    });
}
