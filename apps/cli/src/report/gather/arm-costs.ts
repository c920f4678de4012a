import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { applyFreezePolicy } from '@fixres/finetune';
import { createModel, describe, type LayerGroup, layerGroups } from '@fixres/models';
import { loadModelFolder } from '@fixres/models/node';
import { type ArmSpec, type Experiment, evaluationKey } from '@fixres/runner';
import type { ArmRecord, DatasetRecord } from '@fixres/runner/events';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { RecordedRun } from '../record/recorded-run.ts';
import type { Missing } from './run-images.ts';

/** What an arm takes in multiply-adds, which do not depend on the machine. */
export interface ArmCost {
  arm: string;
  /** Of its own training, the mean over seeds. Training of the arm it starts from is not included. */
  training: number;
  /** Of classifying one image at the size of its own test policy. */
  image: number;
  testPolicy: string;
}

/** What the arms of a run take, and what was counted. */
export interface RunCosts {
  model: string;
  parameters: number;
  arms: ArmCost[];
}

/**
 * Counts multiply-adds from the shapes of the model's layers: a forward pass takes those of all layers; going back takes as many again
 * for the inputs of every layer after the first one that trains, and as many for the weights of those that train. So training a whole
 * model takes three forward passes an image, training the classifier alone little more than one. Frozen layers whose features are kept
 * run once for each distinct view.
 *
 * An engine must have been chosen; nothing is computed with it.
 */
export async function armCosts({ folder, config, summary, dataset, events }: RecordedRun): Promise<RunCosts | Missing> {
  if (summary === null || dataset === null) return { missing: 'No arm is finished.' };
  const { experiment } = config;
  let model: LayersModel;
  try {
    model = await openArchitecture(folder, experiment, dataset);
  } catch (error) {
    return { missing: `The model cannot be opened: ${(error as Error).message}` };
  }
  try {
    const arms: ArmCost[] = [];
    for (const record of summary.arms) {
      const spec = experiment.arms.find(({ name }) => name === record.name);
      if (spec === undefined) continue;
      const kept = events.find((event) => event.type === 'feature-cache' && event.arm === spec.name && event.where !== 'nowhere');
      const views = kept?.type === 'feature-cache' ? kept.views : null;
      arms.push({
        arm: spec.name,
        training: await trainingWork(model, spec, { images: epochsOf(record) * dataset.train, views }),
        image: describe(model, sidesOf(spec.testPolicy.output)).multiplyAdds,
        testPolicy: evaluationKey(spec.testPolicy),
      });
    }
    const { parameters } = describe(model, sidesOf(experiment.arms[0]!.trainPolicy.output));
    return { model: experiment.model.folder === undefined ? nameOf(experiment.model) : model.name, parameters, arms };
  } catch (error) {
    return { missing: `The model's work cannot be counted: ${(error as Error).message}` };
  } finally {
    model.dispose();
  }
}

/** All arms have one architecture: made anew by its name, or that of any model that the run wrote. */
async function openArchitecture(folder: string, { model }: Experiment, { classes }: DatasetRecord): Promise<LayersModel> {
  if (model.folder === undefined) return createModel(model.name, { width: model.width, classes: classes.length });
  const [written] = await readdir(join(folder, 'models'));
  return (await loadModelFolder(written === undefined ? model.folder : join(folder, 'models', written))).model;
}

/**
 * @param images images that training saw, the epochs together
 * @param views distinct views whose features were kept; `null` when none were
 */
async function trainingWork(model: LayersModel, { freeze, trainPolicy }: ArmSpec, { images, views }: { images: number; views: number | null }): Promise<number> {
  const handle = await applyFreezePolicy(model, freeze, { groups: groupsOf(model) });
  try {
    const { layers } = describe(model, sidesOf(trainPolicy.output));
    const first = layers.findIndex(({ trainableParameters }) => trainableParameters > 0);
    const trunk = layers.slice(0, first).reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0);
    const rest = layers.slice(first).reduce((sum, { multiplyAdds, trainableParameters }) => sum + multiplyAdds * (trainableParameters > 0 ? 3 : 2), 0);
    return trunk * (views ?? images) + rest * images;
  } finally {
    handle.restore();
  }
}

function groupsOf(model: LayersModel): LayerGroup[] {
  try {
    return layerGroups(model);
  } catch {
    // Policies that need groups of an architecture that is not known say so.
    return [];
  }
}

function epochsOf({ curves, epochs }: ArmRecord): number {
  if (curves.length === 0) return epochs;
  return curves.reduce((sum, curve) => sum + curve.epochs.length, 0) / curves.length;
}

function nameOf({ name, width }: { name: string; width: number }): string {
  return `${name}, ${width} channels in its stem`;
}

function sidesOf({ width, height }: { width: number; height: number }): [number, number] {
  return [height, width];
}
