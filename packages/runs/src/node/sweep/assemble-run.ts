import { cp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresRunsError } from '../../errors.ts';
import type { RunEvent } from '../../events/events.ts';
import type { RunConfig, RunPart } from '../../experiment/run-config.ts';
import { mergeEvents } from '../../sweep/merge-events.ts';
import { trialsOf } from '../../sweep/trials.ts';
import { CheckpointFolder } from '../checkpoints/checkpoint-folder.ts';
import { readEvents } from '../read-events.ts';
import { readRunConfig } from '../recorded/read-run-config.ts';
import { RunFolder } from '../run-folder.ts';

/** A finished trial. */
export interface AssembledTrial {
  name: string;
  /** Its run folder. */
  folder: string;
}

/**
 * Assembles the runs of all trials of an experiment to one unfinished run, in which every arm is
 * finished: predictions, models, the weights of best epochs, and events. Resuming it trains nothing;
 * it compares the arms, and writes the report and the summary as a run of the whole experiment does.
 *
 * The folder appears completely or not at all.
 *
 * @param trials every trial of the experiment, each with its own run
 * @param command the command that repeats the whole experiment
 * @throws FixresRunsError `bad-run` if a trial is missing, not finished, or was computed with other
 * settings, images or another engine than the first; `run-exists`
 */
export async function assembleRun(
  target: string,
  trials: readonly AssembledTrial[],
  { command }: { command: string },
): Promise<void> {
  const parts = await Promise.all(trials.map(readTrial));
  const [first] = parts;
  if (first === undefined) throw bad('A sweep without trials cannot be collected.');
  for (const other of parts) requireSame(first, other);
  const { part, ...settings } = first.config;
  const experiment = part.of;
  const ordered = trialsOf(experiment).map(({ name, seed, arms }) => {
    const run = parts.find((each) => each.name === name);
    if (run === undefined) throw bad(`Trial "${name}" is missing.`);
    return { ...run, seed, arms };
  });
  // A server of logs already has the logs of the trials.
  const logs = settings.logs.filter((log) => log !== 'mlflow');
  const config: RunConfig = { ...settings, logs, command, experiment };
  const aside = `${target}.partial`;
  await rm(aside, { recursive: true, force: true });
  const folder = await RunFolder.create(aside, config, await environmentOf(first.folder));
  try {
    const events = mergeEvents(await Promise.all(ordered.map(({ folder }) => eventsOf(folder))), {
      config,
      firstSeed: experiment.seeds[0]!,
    });
    for (const event of events) folder.append(event);
    const store = new CheckpointFolder(join(aside, 'checkpoints'), {
      lastEvent: () => folder.lastEvent,
    });
    for (const trial of ordered) {
      await copyInto(aside, trial.folder, ['predictions', 'models', 'tensorboard']);
      const stored = new CheckpointFolder(join(trial.folder, 'checkpoints'), {
        lastEvent: () => -1,
      });
      for (const arm of trial.arms) {
        const { seed } = trial;
        const finished = await stored.loadFinished(arm, seed);
        if (finished === undefined)
          throw bad(
            `Trial "${trial.name}" cannot be collected: the result of arm "${arm}" in "${trial.folder}" is missing or damaged.`,
          );
        const isFirst = seed === experiment.seeds[0];
        const activations = isFirst ? finished.result.activations : [];
        await store.saveFinished(arm, seed, {
          result: { ...finished.result, ...(activations && { activations }) },
          weights: undefined,
          best: await stored.loadBest(arm, seed),
        });
      }
    }
  } finally {
    await folder.close();
  }
  await publish(aside, target);
}

interface ReadTrial extends AssembledTrial {
  config: RunConfig & { part: RunPart };
}

async function readTrial({ name, folder }: AssembledTrial): Promise<ReadTrial> {
  const { part, ...config } = await readRunConfig(folder);
  if (part?.trials.length !== 1 || part.trials[0] !== name)
    throw bad(`Run "${folder}" is not a run of trial "${name}" alone.`);
  return { name, folder, config: { ...config, part } };
}

/** The settings that must be the same for all trials; their commands and arms differ. */
function comparable({ config }: ReadTrial): Record<string, unknown> {
  const { part, dataset, engine, device, deterministic, images, features, threads } = config;
  return {
    'the experiment': part.of,
    'the data set': dataset,
    'the engine': engine,
    'the device': device,
    deterministic: deterministic,
    'the images': images,
    'the cached features': features ?? null,
    // They affect the bits, which only a deterministic run promises.
    ...(deterministic && { 'the number of threads': threads }),
  };
}

function requireSame(first: ReadTrial, other: ReadTrial): void {
  const theirs = comparable(other);
  for (const [what, value] of Object.entries(comparable(first))) {
    if (JSON.stringify(value) === JSON.stringify(theirs[what])) continue;
    throw bad(
      `Trials "${first.name}" and "${other.name}" differ in ${what}; all trials of a run have the same.`,
    );
  }
}

async function environmentOf(folder: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, 'environment.json'), 'utf8')) as unknown;
}

async function eventsOf(folder: string): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  await readEvents(join(folder, 'events.jsonl'), (event) => {
    events.push(event);
  });
  return events;
}

/** Copies what is in folders of a run; names of arms and seeds keep the files apart. */
async function copyInto(target: string, run: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if (!(await readdir(run)).includes(name)) continue;
    await cp(join(run, name), join(target, name), { recursive: true });
  }
}

async function publish(aside: string, target: string): Promise<void> {
  try {
    await rename(aside, target);
  } catch (cause) {
    throw new FixresRunsError(
      'run-exists',
      `Run folder "${target}" cannot be created (${(cause as Error).message}); choose another, or remove it.`,
      { cause },
    );
  }
}

function bad(message: string): FixresRunsError {
  return new FixresRunsError('bad-run', message);
}
