import type { ImageSize } from '@fixres/data/names';
import type { ModelName } from '@fixres/models';
import { type PresetName, settingRanges } from '@fixres/runs/names';
import type { NormStatistics } from '@fixres/runs';
import type { Command } from 'commander';
import { modelOption, withNormOptions } from './common-options.ts';
import { imageSize, whole } from './option-types.ts';
import type { SeedOptions } from '../plans/chosen-seeds.ts';
import { withSeedOptions } from './seed-options.ts';

/** Options that change the FixRes experiment of a preset, as the command line gives them. */
export interface FixresOptions extends SeedOptions {
  preset?: PresetName;
  model?: ModelName;
  width?: number;
  small?: ImageSize;
  large?: ImageSize;
  epochs?: number;
  finetuneEpochs?: number;
  batchSize?: number;
  normStatistics?: NormStatistics;
  normImages?: number;
  limit?: number;
  heldOut?: number | undefined;
}

/** Adds the options of {@link FixresOptions} that belong only to the experiment. */
export function withFixresOptions(command: Command): Command {
  command
    .addOption(modelOption('--model <name>', "architecture (default: the preset's)"))
    .option(
      '--width <channels>',
      'channels of the stem; scales all layers',
      whole(settingRanges.width),
    )
    .option(
      '--small <pixels>',
      'small train size, or height x width',
      imageSize(settingRanges.modelSide),
    )
    .option(
      '--large <pixels>',
      'large train and fine-tuning size',
      imageSize(settingRanges.modelSide),
    )
    .option('--epochs <n>', 'epochs from scratch', whole(settingRanges.epochs))
    .option('--finetune-epochs <n>', 'epochs of fine-tuning', whole(settingRanges.epochs))
    .option('--batch-size <images>', 'batch size', whole(settingRanges.batchSize));
  return withNormOptions(withSeedOptions(command, '1'), "the preset's");
}
