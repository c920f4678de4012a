import type { Command } from 'commander';
import type { ExplainCommandOptions } from '../commands/explain.ts';
import { memoryOption, withRunOutput } from '../options/common-options.ts';

/** Adds `explain`. */
export function addExplainCommand(program: Command): void {
  const command = program
    .command('explain')
    .description(
      'Split the gain of a fine-tuned arm into its parts: test size, test crop, and what fine-tuning changed. Trains every combination from the weights of the run.',
    )
    .summary('Split the gain of a fine-tuned arm into its parts.')
    .argument('<run>', 'run folder')
    .option(
      '--arm <name>',
      'the fine-tuned arm (default: fixres, or the only one that is fine-tuned)',
    )
    .option('--data <dataset>', 'the images, if they are not where the run found them')
    .addOption(memoryOption('that of the run'))
    .option('--out <folder>', 'run folder (default: runs/<run>-explain-<arm>-<time>)');
  withRunOutput(command)
    .addHelpText(
      'after',
      '\nExamples:\n  fixres explain runs/flowers\n  fixres explain runs/flowers --arm fixres --out runs/flowers-explained --json',
    )
    .action(async (place: string, options: ExplainCommandOptions) => {
      const { explain } = await import('../commands/explain.ts');
      await explain(place, options);
    });
}
