import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { imageSizeOf } from '@fixres/data';
import { type ArmRecord, type RunEvent, settledEvents, type Summary } from '../../events/events.ts';
import { armDescription } from '../../experiment/arm-description.ts';
import { evaluationKey } from '../../experiment/experiment.ts';
import { readEvents } from '../read-events.ts';
import { FixresRunsError } from '../../errors.ts';
import { readRunConfig } from './read-run-config.ts';
import type { RunConfig } from '../../experiment/run-config.ts';
import { secondsOf } from '../../events/run-clock.ts';
import { shellCommand } from '../shell-command.ts';
import { partialSummary } from './partial-summary.ts';
import { type RunState, runState } from '../../events/run-state.ts';
import { lastWrite, runWriter } from '../lock/run-writer.ts';
import type { PendingArm, RecordedRun, Standing } from '../../results/recorded-run.ts';

/**
 * Reads a run folder in any state of the run: an incomplete last event is left out, and without a
 * summary, the finished arms are summarised from their predictions.
 *
 * @param summary the result of a run that is about to write it
 * @throws FixresRunsError for a folder that is not a run, or a damaged one
 */
export async function loadRun(
  folder: string,
  { summary: known }: { summary?: Summary } = {},
): Promise<RecordedRun> {
  const config = await readRunConfig(folder);
  const all = await eventsOf(folder);
  const events = settledEvents(all);
  const start = all.find((event) => event.type === 'run-start');
  const seconds = secondsOf(all);
  const written = known ?? (await readSummary(folder));
  const { experiment } = config;

  const end = all.findLast(({ type }) => type !== 'warning');
  const state = runState({
    hasSummary: written !== undefined,
    lastEvent: end?.type,
    writer: await runWriter(folder),
    updatedAt: await lastWrite(folder),
    now: Date.now(),
  });
  const failure = state === 'failed' && end?.type === 'run-failed' ? end : undefined;
  const partial =
    written || !start
      ? undefined
      : await partialSummary(folder, experiment, events, { ...start, seconds });
  const summary = written ?? partial?.summary ?? null;
  const standing = state === 'finished' ? null : standingOf(events);
  return {
    folder,
    resumeCommand: shellCommand(['fixres', 'resume', folder]),
    state,
    problem: failure?.message ?? null,
    batch: failure?.images ?? [],
    standing,
    began: all[0]?.time ?? null,
    latest: all.at(-1)?.time ?? null,
    seconds: written?.seconds ?? seconds,
    config,
    environment: await readJson(folder, 'environment.json').catch(() => null),
    engine: summary?.engine ?? start?.engine ?? null,
    dataset: summary?.dataset ?? start?.dataset ?? null,
    summary,
    seeds: partial?.seeds ?? (summary ? trainedSeeds(experiment.seeds, summary) : []),
    pending: pendingArms(config, events, { state, summary, standing }),
    // A resumed run warns again.
    warnings: [
      ...new Set([
        ...events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
        ...(partial?.warnings ?? []),
      ]),
    ],
    events,
  };
}

/** The seeds of a finished run, which can have stopped before all were trained. */
function trainedSeeds(seeds: number[], { seedStopping }: Summary): number[] {
  return seedStopping === undefined ? seeds : seeds.slice(0, seedStopping.values.length);
}

function pendingArms(
  { experiment }: RunConfig,
  events: readonly RunEvent[],
  run: { state: RunState; summary: Summary | null; standing: Standing | null },
): PendingArm[] {
  if (run.state === 'finished') return [];
  const { state, summary, standing } = run;
  return experiment.arms
    .filter(({ name }) => !summary?.arms.some((arm) => arm.name === name))
    .map((arm) => ({ ...arm, description: armDescription(arm) }))
    .map(({ name, description, trainPolicy, testPolicy, epochs, cost, freeze, initFrom }) => ({
      name,
      description,
      trainSize: imageSizeOf(trainPolicy.output),
      testPolicy: evaluationKey(testPolicy),
      epochs,
      ...(cost && { equalCost: cost.equalTo }),
      freeze: typeof freeze === 'string' ? freeze : freeze.name,
      initFrom,
      curves: curvesOf(name, events),
      state: standing?.arm === name ? state : 'waiting',
    }));
}

function curvesOf(arm: string, events: readonly RunEvent[]): ArmRecord['curves'] {
  const epochs = events
    .filter((event) => event.type === 'epoch')
    .filter((event) => event.arm === arm);
  const seeds = [...new Set(epochs.map(({ seed }) => seed))];
  return seeds.map((seed) => ({ seed, epochs: epochs.filter((epoch) => epoch.seed === seed) }));
}

/** The arm that was started and not finished. */
function standingOf(events: readonly RunEvent[]): Standing | null {
  const started = events.findLast((event) => event.type === 'arm-start');
  if (!started) return null;
  const { arm, seed, epochs } = started;
  if (events.some((event) => event.type === 'arm-end' && event.arm === arm && event.seed === seed))
    return null;
  const whole = events.filter(
    (event) => event.type === 'epoch' && event.arm === arm && event.seed === seed,
  );
  return { arm, seed, epoch: whole.length, epochs };
}

/** @returns undefined if there is no summary yet */
async function readSummary(folder: string): Promise<Summary | undefined> {
  try {
    return (await readJson(folder, 'summary.json')) as Summary;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FixresRunsError(
      'bad-run',
      `Run folder "${folder}" is damaged: its summary.json cannot be read (${(cause as Error).message}).`,
      { cause },
    );
  }
}

/**
 * Of a series of progress events, only the last is kept: a report needs only its time, and a long
 * training has millions.
 */
async function eventsOf(folder: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  try {
    await readEvents(join(folder, 'events.jsonl'), (event) => {
      if (event.type === 'progress' && events.at(-1)?.type === 'progress') events.pop();
      events.push(event);
    });
    return events;
  } catch (cause) {
    // A run that crashed before its first event.
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new FixresRunsError(
      'bad-run',
      `Run folder "${folder}" is damaged: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function readJson(folder: string, name: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown;
}
