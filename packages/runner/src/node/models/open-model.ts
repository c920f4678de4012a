import { join, resolve } from 'node:path';
import { parsePreprocessingContract, type PreprocessingContract } from '@fixres/data';
import { loadModelFolder, type LoadedModel } from '@fixres/models/node/load';
import { writeWeights } from '../../training/model-weights.ts';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from '../../errors.ts';
import {
  modelFolderOf,
  type ModelOfRunOptions,
  runOfModel,
  type TrainedRun,
} from './trained-run.ts';

/** An opened model or model of a run. */
export interface FoundModel extends LoadedModel {
  /** Folder of the model. */
  folder: string;
  /** How images must be prepared for it; undefined if its card does not state this. */
  contract: PreprocessingContract | undefined;
  /** The run that trained it; undefined for a model outside a run. */
  run: TrainedRun | undefined;
}

export interface OpenModelOptions extends ModelOfRunOptions {
  /** Use the saved weights of the arm's best epoch instead of the final ones. */
  best?: boolean | undefined;
  /** The run of the model, if already known. */
  run?: TrainedRun | undefined;
}

/**
 * Opens a model folder, or a model of a run folder. The engine must have been selected. The caller
 * disposes the model.
 *
 * @throws FixresRunnerError that lists the models of a run if several or none match;
 * FixresModelsError for a folder without a model; FixresDataError for an invalid contract
 */
export async function openModel(
  place: string,
  options: OpenModelOptions = {},
): Promise<FoundModel> {
  const folder = await modelFolderOf(place, options);
  const run = options.run ?? (await runOfModel(resolve(folder)));
  const { model, card } = await loadModelFolder(folder);
  if (options.best) {
    try {
      await takeBest(model, run, folder);
    } catch (error) {
      model.dispose();
      throw error;
    }
  }
  return {
    folder,
    model,
    card,
    contract: card.contract === undefined ? undefined : parsePreprocessingContract(card.contract),
    run,
  };
}

async function takeBest(
  model: LayersModel,
  run: TrainedRun | undefined,
  folder: string,
): Promise<void> {
  if (run === undefined)
    throw new FixresRunnerError(
      'bad-option',
      `Option --best goes with models of a run; "${folder}" stands alone.`,
    );
  // Much else comes with it, which a model without this option does not need.
  const { CheckpointFolder } = await import('@fixres/runs/node');
  const checkpoints = new CheckpointFolder(join(run.folder, 'checkpoints'), {
    lastEvent: () => -1,
  });
  const best = await checkpoints.loadBest(run.arm.name, run.seed);
  if (best === undefined)
    throw new FixresRunnerError(
      'bad-option',
      `Run "${run.folder}" kept no weights of the best epoch of arm "${run.arm.name}" with seed ${run.seed}.`,
    );
  writeWeights(model, best.weights);
}
