import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetRecord, EngineRecord } from '@fixres/runner/events';
import { readOutput } from './control/run-process.ts';
import type { ModelFolder, PredictionFile, RunDetail, RunRow } from '../shared/protocol.ts';
import { readFirstEvent } from './event-log.ts';
import { openInside, readSmallJson } from './open-inside.ts';
import { readSummary } from './summary/read-summary.ts';

const MAX_JSON = 4 << 20;

/** Reads all there is about a run but its events and predictions. What cannot be read is null or left out. */
export async function readRunDetail(row: RunRow, folder: string): Promise<Omit<RunDetail, 'images'>> {
  const [config, environment, summary, start, models, predictions, output] = await Promise.all([
    readSmallJson(MAX_JSON, folder, 'config.json'),
    readSmallJson(MAX_JSON, folder, 'environment.json'),
    readSummary(folder),
    readStart(folder),
    modelsIn(folder),
    predictionsIn(folder),
    readOutput(folder),
  ]);
  return {
    row,
    config: config ?? null,
    environment: environment ?? null,
    summary: summary ?? null,
    engine: start.engine ?? null,
    dataset: start.dataset ?? null,
    models,
    predictions,
    output: output ?? null,
  };
}

/** The classes of a run's data set, in the order of the probabilities; none where they are not known. */
export async function readClasses(folder: string): Promise<string[]> {
  return (await readStart(folder)).dataset?.classes ?? [];
}

/** What a run says of itself when it starts. Of another file with the log's name the page must not break. */
async function readStart(folder: string): Promise<{ engine?: EngineRecord; dataset?: DatasetRecord }> {
  const { engine, dataset } = ((await readFirstEvent(folder)) ?? {}) as { engine?: EngineRecord; dataset?: DatasetRecord };
  const hasClasses = Array.isArray(dataset?.classes) && dataset.classes.every((name) => typeof name === 'string');
  return { ...(typeof engine === 'object' && { engine }), ...(hasClasses && { dataset }) };
}

async function modelsIn(folder: string): Promise<ModelFolder[]> {
  const entries = await readdir(join(folder, 'models'), { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const parts = entry.isDirectory() ? /^([\w+.-]+)-seed(\d+)$/.exec(entry.name) : null;
    return parts ? [{ name: entry.name, arm: parts[1]!, seed: Number(parts[2]) }] : [];
  });
}

async function predictionsIn(folder: string): Promise<PredictionFile[]> {
  const entries = await readdir(join(folder, 'predictions'), { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const parts = entry.isFile() ? /^([\w+.-]+)-seed(\d+)-([\w+.-]+@\d+)\.jsonl$/.exec(entry.name) : null;
    return parts ? [{ name: entry.name, arm: parts[1]!, seed: Number(parts[2]), evaluation: parts[3]! }] : [];
  });
}

/** The two files of a saved model. */
const modelFiles = ['model.json', 'weights.bin'] as const;

/** Opens a file of a saved model of the run. The caller closes it. */
export async function openModelFile(folder: string, model: string, file: string): Promise<Awaited<ReturnType<typeof openInside>>> {
  const known = (await modelsIn(folder)).some(({ name }) => name === model);
  if (!known || !modelFiles.some((name) => name === file)) return undefined;
  return openInside(folder, 'models', model, file);
}

/** Opens a file of predictions of the run. The caller closes it. */
export async function openPredictions(folder: string, file: string): Promise<Awaited<ReturnType<typeof openInside>>> {
  const known = (await predictionsIn(folder)).some(({ name }) => name === file);
  return known ? openInside(folder, 'predictions', file) : undefined;
}
