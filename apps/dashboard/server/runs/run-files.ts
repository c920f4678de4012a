import { policyLabel, type Size } from '@fixres/data';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  parseArmFolderName,
  parsePredictionsFileName,
  type PredictionsOf,
} from '@fixres/runs/events';
import { fieldsOf, listOf } from '@fixres/runs/events';
import type { ModelFolder, PredictionFile } from '../../shared/protocol.ts';
import { openInside } from '../open-inside.ts';

/** The models in a run's folder. */
export async function modelsIn(folder: string): Promise<ModelFolder[]> {
  const entries = await readdir(join(folder, 'models'), { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const of = entry.isDirectory() ? parseArmFolderName(entry.name) : undefined;
    return of ? [{ name: entry.name, ...of }] : [];
  });
}

/**
 * The predictions in a run's folder.
 *
 * @param config the run's configuration, untrusted
 */
export async function predictionsIn(folder: string, config: unknown): Promise<PredictionFile[]> {
  const names = await predictionNames(folder);
  const isOfRun = predictionsOf(config);
  return names.flatMap((name) => {
    const of = parsePredictionsFileName(name, isOfRun);
    return of ? [{ name, ...of }] : [];
  });
}

async function predictionNames(folder: string): Promise<string[]> {
  const entries = await readdir(join(folder, 'predictions'), { withFileTypes: true }).catch(
    () => [],
  );
  return entries
    .filter((entry) => entry.isFile() && parsePredictionsFileName(entry.name) !== undefined)
    .map(({ name }) => name);
}

/** The predictions of an experiment. */
function predictionsOf(config: unknown): (of: PredictionsOf) => boolean {
  const { arms, evaluations } = fieldsOf(fieldsOf(config).experiment);
  const names = new Set(listOf(arms).map(({ name }) => name));
  const keys = new Set(
    listOf(evaluations).map(({ name, output }) =>
      policyLabel({ name: String(name), output: fieldsOf(output) as unknown as Size }),
    ),
  );
  return ({ arm, evaluation }) => names.has(arm) && keys.has(evaluation);
}

/** The two files of a saved model. */
const modelFiles = ['model.json', 'weights.bin'] as const;

/** Opens a file of a saved model of the run. The caller closes it. */
export async function openModelFile(
  folder: string,
  model: string,
  file: string,
): Promise<Awaited<ReturnType<typeof openInside>>> {
  const known = (await modelsIn(folder)).some(({ name }) => name === model);
  if (!known || !modelFiles.some((name) => name === file)) return undefined;
  return openInside(folder, 'models', model, file);
}

/** Opens a file of predictions of the run. The caller closes it. */
export async function openPredictions(
  folder: string,
  file: string,
): Promise<Awaited<ReturnType<typeof openInside>>> {
  const known = (await predictionNames(folder)).includes(file);
  return known ? openInside(folder, 'predictions', file) : undefined;
}
