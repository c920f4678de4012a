import type { ArmCost, RunCosts, Missing } from '@fixres/runs/report';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createModel, describe } from '@fixres/models';
import { loadModelFolder } from '@fixres/models/node';
import { stageComputes } from '../../compute/image-compute.ts';
import { stagedCompute } from '../../compute/staged-compute.ts';
import {
  type ArmRecord,
  type ArmSpec,
  type DatasetRecord,
  evaluationKey,
  type Experiment,
  type RecordedRun,
  trainingLength,
} from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * Counts multiply-adds from the shapes of the model's layers, like a run.
 *
 * An engine must have been selected; nothing is computed with it.
 */
export async function armCosts({
  folder,
  config,
  summary,
  dataset,
}: RecordedRun): Promise<RunCosts | Missing> {
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
      arms.push({
        arm: spec.name,
        training:
          record.trainMultiplyAdds ??
          (await trainingWork(model, { spec, record, experiment, images: dataset.train })),
        image: describe(model, sidesOf(spec.testPolicy.output)).multiplyAdds,
        testPolicy: evaluationKey(spec.testPolicy),
      });
    }
    const { parameters } = describe(model, sidesOf(experiment.arms[0]!.trainPolicy.output));
    return {
      model: experiment.model.folder === undefined ? nameOf(experiment.model) : model.name,
      parameters,
      arms,
    };
  } catch (error) {
    return { missing: `The model's multiply-adds cannot be counted: ${(error as Error).message}` };
  } finally {
    model.dispose();
  }
}

/** All arms have one architecture: created by its name, or that of any model that the run wrote. */
async function openArchitecture(
  folder: string,
  { model }: Experiment,
  { classes }: DatasetRecord,
): Promise<LayersModel> {
  if (model.folder === undefined)
    return createModel(model.name, { width: model.width, classes: classes.length });
  const [written] = await readdir(join(folder, 'models'));
  return (
    await loadModelFolder(written === undefined ? model.folder : join(folder, 'models', written))
  ).model;
}

async function trainingWork(
  model: LayersModel,
  {
    spec,
    record: { curves },
    experiment,
    images,
  }: { spec: ArmSpec; record: ArmRecord; experiment: Experiment; images: number },
): Promise<number | undefined> {
  // The teacher may be on another machine.
  if (spec.distill !== undefined) return undefined;
  const costOf = await stageComputes(model, spec);
  if (costOf(spec.trainPolicy).unknownLayers.length > 0) return undefined;
  const length = trainingLength(spec, { images, batchSize: experiment.batchSize });
  const trained = curves.map(({ epochs }) =>
    Number(stagedCompute(spec, length, { images, epochs: epochs.length, costOf })),
  );
  return trained.reduce((sum, each) => sum + each, 0) / trained.length;
}

function nameOf({ name, width }: { name: string; width: number }): string {
  return `${name}, ${width} channels in its stem`;
}

function sidesOf({ width, height }: { width: number; height: number }): [number, number] {
  return [height, width];
}
