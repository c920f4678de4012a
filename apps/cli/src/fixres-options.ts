import type { ModelName } from '@fixres/models';
import type { NormStatistics, PresetName } from '@fixres/runner';
import type { Command } from 'commander';
import { modelOption, withNormOptions } from './common-options.ts';
import { count, wholeNumber } from './option-types.ts';

/** What can be changed of the FixRes experiment of a preset, as the command line gives it. */
export interface FixresOptions {
  preset?: PresetName;
  model?: ModelName;
  width?: number;
  small?: number;
  large?: number;
  epochs?: number;
  finetuneEpochs?: number;
  seeds?: number;
  batch?: number;
  normStatistics?: NormStatistics;
  normImages?: number;
  limit?: number;
  heldOut?: number | undefined;
}

/** The options of {@link FixresOptions} that belong to the experiment alone. */
export function withFixresOptions(command: Command): Command {
  command
    .addOption(modelOption('--model <name>', 'architecture, by default the preset\'s'))
    .option('--width <channels>', 'stem width of the model; the other layers follow', count)
    .option('--small <pixels>', 'small training size', wholeNumber)
    .option('--large <pixels>', 'large training and fine-tuning size', wholeNumber)
    .option('--epochs <n>', 'epochs from scratch', wholeNumber)
    .option('--finetune-epochs <n>', 'epochs of fine-tuning', wholeNumber)
    .option('--seeds <n>', 'number of runs with different seeds, by default 1', wholeNumber)
    .option('--batch <images>', 'images in a step', wholeNumber);
  return withNormOptions(command, 'the preset\'s');
}
