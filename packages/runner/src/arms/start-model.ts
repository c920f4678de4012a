import { createModel, type ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  type Distillation,
  newArchitecture,
  type NewModel,
  type PlannedArm,
  type StoredModel,
} from '@fixres/runs';
import { FixresRunnerError } from '../errors.ts';

/** An initial model. */
export interface OpenedModel {
  /** Takes images of levels 0..255 and has the classes of the data set. The run disposes it. */
  model: LayersModel;
  /** How to create it, if known. */
  architecture: ModelCard['architecture'];
}

export interface StartModelOptions {
  /** Number of classes of the data set. */
  classes: number;
  /** Whether an image can have several classes, so that the model ends in a sigmoid. Default false. */
  multiLabel?: boolean | undefined;
  /**
   * Opens the initial model of an experiment, once for each arm. Not needed for experiments with a
   * model by name.
   */
  openModel?: ((model: StoredModel, seed: number) => Promise<OpenedModel>) | undefined;
  /**
   * Opens the teacher of an arm that distils, which takes images of levels 0..255 and has the classes of
   * the data set. The run disposes it. Not needed without such arms.
   */
  openTeacher?: ((teacher: Distillation) => Promise<LayersModel>) | undefined;
}

/** The teacher of an arm; undefined if it has none. The caller disposes it. */
export async function startTeacher(
  { name, distill }: Pick<PlannedArm, 'name' | 'distill'>,
  { openTeacher }: Pick<StartModelOptions, 'openTeacher'>,
): Promise<LayersModel | undefined> {
  if (distill === undefined) return undefined;
  if (openTeacher) return openTeacher(distill);
  throw new FixresRunnerError(
    'bad-option',
    `Arm "${name}" learns from the model in "${distill.teacher}"; option "openTeacher" must define how to open it.`,
  );
}

/** The model of an experiment with its initial weights. The caller disposes it. */
export async function startModel(
  model: NewModel | StoredModel,
  seed: number,
  { classes, multiLabel, openModel }: StartModelOptions,
): Promise<OpenedModel> {
  if (model.folder !== undefined) {
    if (openModel) return openModel(model, seed);
    throw new FixresRunnerError(
      'bad-option',
      `The experiment is initialised from the model in "${model.folder}"; option "openModel" ` +
        'must define how to open it.',
    );
  }
  const architecture = newArchitecture(model, classes, multiLabel);
  return { model: createModel(model.name, { ...architecture.options, seed }), architecture };
}
