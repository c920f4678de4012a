import type { ModelName } from '@fixres/models';
import { type PresetName, settingRanges } from '@fixres/runs/names';
import type { NormStatistics } from '@fixres/runs';
import type { Command } from 'commander';
import { modelOption, withNormOptions } from './common-options.ts';
import { whole } from './option-types.ts';

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
    .addOption(modelOption('--model <name>', "architecture, by default the preset's"))
    .option(
      '--width <channels>',
      'stem width of the model; the other layers follow',
      whole(settingRanges.width),
    )
    .option('--small <pixels>', 'small training size', whole(settingRanges.modelSide))
    .option(
      '--large <pixels>',
      'large training and fine-tuning size',
      whole(settingRanges.modelSide),
    )
    .option('--epochs <n>', 'epochs from scratch', whole(settingRanges.epochs))
    .option('--finetune-epochs <n>', 'epochs of fine-tuning', whole(settingRanges.epochs))
    .option(
      '--seeds <n>',
      'number of runs with different seeds, by default 1',
      whole(settingRanges.seedCount),
    )
    .option('--batch <images>', 'images in a step', whole(settingRanges.batchSize));
  return withNormOptions(command, "the preset's");
}
