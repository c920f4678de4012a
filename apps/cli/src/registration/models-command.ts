import type { Command } from 'commander';
import { jsonOption } from '../options/common-options.ts';

/** Adds `models`. */
export function addModelsCommand(program: Command): void {
  program
    .command('models')
    .description('List the published ImageNet weights that import keras imagenet downloads.')
    .summary('List published weights: size, accuracy, licence.')
    .addOption(jsonOption('the models'))
    .addHelpText('after', '\nExamples:\n  fixres models\n  fixres models --json')
    .action(async (options: { json?: boolean }) => {
      const { models } = await import('../commands/models.ts');
      await models(options);
    });
}
