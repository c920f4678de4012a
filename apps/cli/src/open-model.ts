import { resolve } from 'node:path';
import { parsePreprocessingContract, type PreprocessingContract } from '@fixres/data';
import { loadModelFolder, type LoadedModel } from '@fixres/models/node';
import { isRunFolder, modelOfRun, runOfModel, type TrainedRun } from './trained-run.ts';

/** What the user calls a model or a run, opened. */
export interface OpenedModel extends LoadedModel {
  /** Folder of the model. */
  folder: string;
  /** How images must be prepared for it; undefined when its card does not say. */
  contract: PreprocessingContract | undefined;
  /** The run that trained it; undefined for a model that stands alone. */
  run: TrainedRun | undefined;
}

export interface OpenModelOptions {
  /** Arm of a run that has several. */
  arm?: string | undefined;
  /** Seed of a run that has several; by default the lowest. */
  seed?: number | undefined;
}

/** Folder of the model that `place` means: itself, or that of an arm and seed where it is a run. */
export async function modelFolderOf(place: string, options: OpenModelOptions): Promise<string> {
  return (await isRunFolder(place)) ? modelOfRun(place, options) : place;
}

/**
 * Opens a model folder, or a model of a run folder. The engine must have been chosen. The caller disposes the model.
 *
 * @throws ExitError naming the models of a run when several are meant or none; FixresModelsError for a folder that holds no model;
 * FixresDataError for a contract that cannot be understood
 */
export async function openModel(place: string, options: OpenModelOptions = {}): Promise<OpenedModel> {
  const folder = await modelFolderOf(place, options);
  const run = await runOfModel(resolve(folder));
  const { model, card } = await loadModelFolder(folder);
  return { folder, model, card, contract: card.contract === undefined ? undefined : parsePreprocessingContract(card.contract), run };
}
