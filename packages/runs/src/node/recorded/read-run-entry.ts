import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Summary } from '../../events/events.ts';
import { runState } from '../../events/run-state.ts';
import { lastWrite, runWriter } from '../lock/run-writer.ts';
import { readEvents } from '../read-events.ts';
import type { RunConfig } from '../../experiment/run-config.ts';
import { RunClock } from '../../events/run-clock.ts';
import type { BestArm, FoundRun, RunEntry } from '../../results/run-entry.ts';
import { readLogEnds } from './log-ends.ts';

/**
 * Reads the entry of a run folder for a list. Never throws for its content: runs can be incomplete,
 * damaged or of other versions.
 */
export async function readRunEntry({ name, folder }: FoundRun): Promise<RunEntry> {
  const [config, summary, { first, last }, writer, updatedAt] = await Promise.all([
    readJson<RunConfig>(join(folder, 'config.json')),
    readJson<Summary>(join(folder, 'summary.json')),
    readLogEnds(folder),
    runWriter(folder),
    lastWrite(folder),
  ]);
  const experiment: Found<RunConfig['experiment']> = config?.experiment;
  const model = experiment?.model;
  const startedAt = first?.time ?? null;
  const span =
    startedAt === null || summary?.seconds !== undefined ? null : await secondsSoFar(folder);
  const end = last.findLast(({ type }) => type !== 'warning');
  const state = runState({
    hasSummary: summary !== undefined,
    lastEvent: end?.type,
    writer,
    updatedAt,
    now: Date.now(),
  });
  const isReadable =
    state === 'finished' || state === 'running' || config?.experiment !== undefined;
  return {
    name,
    folder,
    state: isReadable ? state : 'unreadable',
    dataset:
      summary?.dataset?.name ??
      (first?.type === 'run-start'
        ? ((first as Found<typeof first>)?.dataset?.name ?? null)
        : (config?.dataset?.source ?? null)),
    model:
      model === undefined
        ? null
        : model.folder === undefined
          ? `${model.name} x${model.width}`
          : basename(model.folder),
    arms: experiment?.arms?.map((arm) => arm.name) ?? [],
    seeds: experiment?.seeds ?? [],
    best: bestArm(summary),
    startedAt,
    seconds: summary?.seconds ?? span,
    problem: end?.type === 'run-failed' && state === 'failed' ? end.message : null,
  };
}

/** As far as its log is readable. */
async function secondsSoFar(folder: string): Promise<number> {
  const clock = new RunClock();
  await readEvents(join(folder, 'events.jsonl'), (event) => {
    clock.add(event);
  }).catch(() => undefined);
  return clock.seconds;
}

function bestArm(summary: Found<Summary>): BestArm | null {
  const scores = (summary?.arms ?? []).flatMap(({ name, evaluations, ownEvaluation }) => {
    const own = evaluations[ownEvaluation];
    return own === undefined
      ? []
      : [{ arm: name, policy: own.policy, size: own.size, accuracy: own.accuracy, ci95: own.ci95 }];
  });
  return scores.reduce<BestArm | null>(
    (best, each) => (best === null || each.accuracy > best.accuracy ? each : best),
    null,
  );
}

/** The content of a file of a run; any field can be missing. */
type Found<T> = Partial<T> | undefined;

async function readJson<T>(file: string): Promise<Found<T>> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8')) as Partial<T> | null;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
