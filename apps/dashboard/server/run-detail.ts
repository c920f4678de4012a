import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DatasetRecord, EngineRecord, Summary } from '@fixres/runner/events';
import { readOutput } from './control/run-process.ts';
import type { ModelFolder, PredictionFile, RunDetail, RunRow } from '../shared/protocol.ts';
import { openInside, readSmallJson } from './open-inside.ts';
import type { EventLog } from './event-log.ts';

const MAX_JSON = 32 << 20;

/** Reads all there is about a run but its events and predictions. What cannot be read is null or left out. */
export async function readRunDetail(row: RunRow, folder: string, log: EventLog): Promise<Omit<RunDetail, 'images'>> {
  await log.refresh();
  const [config, environment, summary, head, models, predictions, output] = await Promise.all([
    readSmallJson(MAX_JSON, folder, 'config.json'),
    readSmallJson(MAX_JSON, folder, 'environment.json'),
    readSmallJson(MAX_JSON, folder, 'summary.json'),
    log.read(0, { maxEvents: 1, maxBytes: 1 << 20 }),
    modelsIn(folder),
    predictionsIn(folder),
    readOutput(folder),
  ]);
  const start = head.events[0] as { engine?: EngineRecord; dataset?: DatasetRecord } | undefined;
  return {
    row,
    config: config ?? null,
    environment: environment ?? null,
    summary: isSummary(summary) ? summary : null,
    engine: start?.engine ?? null,
    dataset: start?.dataset ?? null,
    models,
    predictions,
    output: output ?? null,
  };
}

/** A summary is written by us; of another file with its name the page must not break. */
function isSummary(value: unknown): value is Summary {
  return typeof value === 'object' && value !== null && 'arms' in value && Array.isArray(value.arms);
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
