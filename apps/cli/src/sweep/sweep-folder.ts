import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAside } from '@fixres/runs/node';
import { fieldsOf } from '@fixres/runs';
import { promotions } from '@fixres/runs/names';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { sweepBackends } from './backend-names.ts';
import type { SweepPlan } from './sweep-plan.ts';

/** The files of a sweep's folder. */
export const sweepFiles = {
  plan: (folder: string): string => join(folder, 'sweep.json'),
  experiment: (folder: string): string => join(folder, 'experiment.yaml'),
  lock: (folder: string): string => join(folder, 'lock'),
  logs: (folder: string): string => join(folder, 'logs'),
  /** Contains the attempts of a trial. */
  trial: (folder: string, trial: string): string => join(folder, 'trials', trial),
  /** What halving over epochs recorded, one file for each entry. */
  rungs: (folder: string): string => join(folder, 'rungs'),
  /** The experiment of the arms that halving left. */
  survivors: (folder: string): string => join(folder, 'survivors.yaml'),
  /** The collected run. */
  run: (folder: string): string => join(folder, 'run'),
} as const;

/** @throws ExitError if the folder contains no sweep */
export async function readSweep(folder: string): Promise<SweepPlan> {
  const plan = await findSweep(folder);
  if (plan === undefined)
    throw new ExitError(
      exitCodes.usage,
      `error: "${folder}" is not a sweep: it has no sweep.json. Start one with: fixres sweep start`,
    );
  return plan;
}

/** @returns undefined without a `sweep.json`; @throws ExitError if it is damaged */
export async function findSweep(folder: string): Promise<SweepPlan | undefined> {
  const file = sweepFiles.plan(folder);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new ExitError(exitCodes.failed, `error: ${file} cannot be read: ${message}`);
  }
  const plan = parsed(text);
  if (!isSweep(plan))
    throw new ExitError(exitCodes.failed, `error: ${file} is damaged, or of another version.`);
  return plan;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSweep(value: unknown): value is SweepPlan {
  const { version, command, trials, halving, submissions } = fieldsOf(value);
  return (
    version === 1 &&
    typeof command === 'string' &&
    isListOfTrials(trials) &&
    (halving === undefined || isHalving(halving)) &&
    Array.isArray(submissions) &&
    submissions.every(isSubmission)
  );
}

function isHalving(value: unknown): boolean {
  const fields = fieldsOf(value);
  const { over, reduction, survivors, baseline, seeds, finalSeeds } = fields;
  const { seed, rungs, promotion } = fields;
  const isNumbers = (list: unknown): boolean =>
    Array.isArray(list) && list.length > 0 && list.every(Number.isSafeInteger);
  return (
    [reduction, survivors].every(Number.isInteger) &&
    typeof baseline === 'string' &&
    isNumbers(finalSeeds) &&
    (over === 'seeds'
      ? isNumbers(seeds)
      : over === 'epochs' &&
        Number.isSafeInteger(seed) &&
        isNumbers(rungs) &&
        (promotions as readonly unknown[]).includes(promotion))
  );
}

function isSubmission(value: unknown): boolean {
  const { name, on, job, trials, workers } = fieldsOf(value);
  const { program } = fieldsOf(job);
  return (
    typeof name === 'string' &&
    /^[a-z\d-]+$/.test(name) &&
    (sweepBackends as readonly unknown[]).includes(on) &&
    isListOf(program, () => true) &&
    isListOfTrials(trials) &&
    (workers === undefined || (Number.isSafeInteger(workers) && (workers as number) > 0))
  );
}

/** They become names of folders. */
function isListOfTrials(value: unknown): boolean {
  return isListOf(value, (name) => /^[\w.@+-]+@\d+$/.test(name));
}

function isListOf(value: unknown, isOne: (item: string) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isOne(item));
}

export async function writeSweep(folder: string, plan: SweepPlan): Promise<void> {
  await writeAside(sweepFiles.plan(folder), `${JSON.stringify(plan, null, 2)}\n`);
}

/** Creates the folder of a new sweep. @throws ExitError if it contains anything */
export async function createSweep(
  folder: string,
  { plan, experiment }: { plan: SweepPlan; experiment: string },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const names = await readdir(folder);
  // What a process leaves that was killed before it wrote sweep.json.
  if (names.some((name) => name !== 'experiment.yaml' && !name.startsWith('lock'))) {
    throw new ExitError(
      exitCodes.usage,
      `error: folder "${folder}" is not empty and has no sweep.json. Choose another with --out.`,
    );
  }
  await writeAside(sweepFiles.experiment(folder), experiment);
  await writeSweep(folder, plan);
}
