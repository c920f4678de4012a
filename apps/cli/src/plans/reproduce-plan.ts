import type { PolicyName } from '@fixres/data';
import type { SessionPlan } from '@fixres/runner/node';
import {
  type FixresArm,
  fixresExperiment,
  fixresPresets,
  type FixresSettings,
  type PresetName,
  presetWidth,
} from '@fixres/runs';
import type { FixresOptions } from '../options/fixres-options.ts';
import { defaultRunFolder } from '../files/run-place.ts';
import { repeatingCommand } from '../run/repeating-command.ts';
import { planOf, type RunOptions } from '../run/training-options.ts';
import { chosenSeeds } from './chosen-seeds.ts';
import { specified } from '../training-choice/specified.ts';
import type { PlannedRun } from './planned-run.ts';
import type {
  SpecificationOptions,
  TrainingChoice,
} from '../training-choice/training-choice-options.ts';

/** Options of `reproduce`. */
export interface ReproduceOptions
  extends FixresOptions, RunOptions, TrainingChoice, SpecificationOptions {
  preset: PresetName;
  trainPolicy?: string;
  /** Names separated by commas. */
  arms?: string;
}

/** The plan of the FixRes experiment. */
export async function reproducePlan(
  datasetName: string,
  options: ReproduceOptions,
): Promise<PlannedRun> {
  const settings = settingsFrom(options);
  // Check all options before slow work.
  const experiment: SessionPlan['experiment'] = async (imageSizes) => {
    const planned = fixresExperiment(
      settings,
      settings.large === 'matched' ? await imageSizes() : undefined,
    );
    return { ...planned, seeds: chosenSeeds(options) ?? planned.seeds };
  };
  const plan: SessionPlan = {
    ...(await planOf(datasetName, options)),
    command: repeatingCommand(['reproduce', datasetName], options),
    experiment: specified(options, experiment),
  };
  return { plan, folder: options.out ?? defaultRunFolder(datasetName, options.preset) };
}

function settingsFrom(options: ReproduceOptions): FixresSettings {
  const base = fixresPresets[options.preset];
  const model = options.model ?? base.model;
  return {
    recipe: base.recipe,
    model,
    width: options.width ?? presetWidth(options.preset, model),
    small: options.small ?? base.small,
    large: options.large ?? base.large,
    epochs: options.epochs ?? base.epochs,
    finetuneEpochs: options.finetuneEpochs ?? base.finetuneEpochs,
    batchSize: options.batchSize ?? base.batchSize,
    seedCount: base.seedCount,
    normStatistics: options.normStatistics ?? base.normStatistics,
    normImages: options.normImages,
    // The check of the experiment reports unknown names.
    trainPolicy: options.trainPolicy as PolicyName | undefined,
    arms: options.arms?.split(',').map((name) => name.trim()) as FixresArm[] | undefined,
  };
}
