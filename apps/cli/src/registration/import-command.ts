import type { Command } from 'commander';
import { addImportKerasCommand } from './import-keras-command.ts';
import { addImportTimmCommand } from './import-timm-command.ts';

/** Adds `import` and its commands, one per source of models. */
export function addImportCommand(program: Command): void {
  const parent = program
    .command('import')
    .description('Convert a model of Keras or PyTorch to a model folder.');
  addImportKerasCommand(parent);
  addImportTimmCommand(parent);
}
