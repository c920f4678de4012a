import type { DatasetRecord, EngineRecord } from '@fixres/runs';
import { readOutput } from '../control/run-process.ts';
import type { RunDetail, RunRow } from '../../shared/protocol.ts';
import { readFirstEvent } from '../event-log.ts';
import { readSmallJson } from '../open-inside.ts';
import { modelsIn, predictionsIn } from './run-files.ts';
import { readSummary } from '../summary/read-summary.ts';

const MAX_JSON = 4 << 20;

/**
 * Reads everything about a run except its events and predictions. Parts that cannot be read are
 * null or absent.
 */
export async function readRunDetail(
  row: RunRow,
  folder: string,
): Promise<Omit<RunDetail, 'images'>> {
  const [config, environment, summary, start, models, output] = await Promise.all([
    readSmallJson(MAX_JSON, folder, 'config.json'),
    readSmallJson(MAX_JSON, folder, 'environment.json'),
    readSummary(folder),
    readStart(folder),
    modelsIn(folder),
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
    predictions: await predictionsIn(folder, config),
    output: output ?? null,
  };
}

/**
 * The classes of a run's data set, in the order of the probabilities; none if they are not known.
 */
export async function readClasses(folder: string): Promise<string[]> {
  return (await readStart(folder)).dataset?.classes ?? [];
}

/** The first event of a run. A different file with the log's name must not break the page. */
async function readStart(
  folder: string,
): Promise<{ engine?: EngineRecord; dataset?: DatasetRecord }> {
  const { engine, dataset } = ((await readFirstEvent(folder)) ?? {}) as {
    engine?: EngineRecord;
    dataset?: DatasetRecord;
  };
  const hasClasses =
    Array.isArray(dataset?.classes) && dataset.classes.every((name) => typeof name === 'string');
  return { ...(typeof engine === 'object' && { engine }), ...(hasClasses && { dataset }) };
}
