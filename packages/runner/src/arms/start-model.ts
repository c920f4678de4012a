import { createModel, type ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { newArchitecture, type NewModel, type StoredModel } from '@fixres/runs';
import { FixresRunnerError } from '../errors.ts';

/** A model to start from. */
export interface OpenedModel {
  /** Takes images of levels 0..255, tells the classes of the data set apart. The run disposes it. */
  model: LayersModel;
  /** How to make it anew, where that is known. */
  architecture: ModelCard['architecture'];
}

export interface StartModelOptions {
  /** Number of classes of the data set. */
  classes: number;
  /** Opens the model that an experiment starts from, anew for each arm. Experiments with a model by name need none. */
  openModel?: ((model: StoredModel, seed: number) => Promise<OpenedModel>) | undefined;
}

/** The model of an experiment with the weights that it starts from. The caller disposes it. */
export async function startModel(
  model: NewModel | StoredModel,
  seed: number,
  { classes, openModel }: StartModelOptions,
): Promise<OpenedModel> {
  if (model.folder !== undefined) {
    if (openModel) return openModel(model, seed);
    throw new FixresRunnerError(
      'bad-option',
      `The experiment starts from the model in "${model.folder}"; option "openModel" must say how it is opened.`,
    );
  }
  const architecture = newArchitecture(model, classes);
  return { model: createModel(model.name, { ...architecture.options, seed }), architecture };
}
