import { cp, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { constants } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { FixresRunsError } from '../../errors.ts';
import type { RunState } from '../../events/run-state.ts';
import type { LockOwnerState } from '../lock/lock-owner.ts';
import { runWriter } from '../lock/run-writer.ts';
import { isOfLock } from '../lock/run-lock.ts';
import { readRunEntry } from '../recorded/read-run-entry.ts';

/** A run folder of a trial, and what to do in it. */
export interface Attempt {
  folder: string;
  todo: 'run' | 'resume' | 'nothing';
}

/** How far a trial is, from its files. */
export interface TrialState {
  /** `waiting`: nothing is written yet. */
  state: RunState | 'waiting';
  /** The attempt that counts: the first finished one, otherwise the latest. */
  folder: string | null;
  attempts: number;
  /** Why it failed. */
  problem: string | null;
  /** The process that the lock of the attempt names. */
  writer: LockOwnerState;
}

/** @param folder of the trial, which contains its attempts; it need not exist */
export async function trialState(folder: string): Promise<TrialState> {
  const attempts = await attemptsIn(folder);
  const entries = [];
  for (const attempt of attempts) {
    const entry = await readRunEntry({ name: attempt, folder: attempt });
    if (entry.state === 'finished')
      return {
        state: 'finished',
        folder: attempt,
        attempts: attempts.length,
        problem: null,
        writer: 'gone',
      };
    entries.push(entry);
  }
  const latest = entries.at(-1);
  return {
    // A folder without a configuration is that of a process that has not started, or was killed
    // before.
    state: latest === undefined || latest.state === 'unreadable' ? 'waiting' : latest.state,
    folder: latest?.folder ?? null,
    attempts: attempts.length,
    problem: latest?.problem ?? null,
    writer: latest === undefined ? 'gone' : await runWriter(latest.folder),
  };
}

/**
 * Chooses the run folder in which a process runs or resumes a trial: `attempt-<n>`.
 *
 * The lock of a process on this machine shows whether it still exists, so its folder is resumed. The
 * process of another machine cannot be checked: after the loss of a machine or of its network it may
 * still be writing. Its folder is therefore left to it, and the next attempt resumes a copy.
 *
 * @param folder of the trial
 * @throws FixresRunsError `run-locked` if a process of this machine is running the trial, or another
 * one has just begun the same attempt
 */
export async function newAttempt(folder: string): Promise<Attempt> {
  await mkdir(folder, { recursive: true });
  const { state, folder: latest, attempts, writer } = await trialState(folder);
  if (latest === null) return { folder: join(folder, 'attempt-1'), todo: 'run' };
  if (state === 'finished') return { folder: latest, todo: 'nothing' };
  if (writer === 'living')
    throw new FixresRunsError('run-locked', `Another process is running the trial in "${latest}".`);
  const hasBegun = (await readdir(latest)).includes('config.json');
  if (writer === 'gone') return { folder: latest, todo: hasBegun ? 'resume' : 'run' };
  const next = join(folder, `attempt-${attempts + 1}`);
  if (!hasBegun) return { folder: next, todo: 'run' };
  await copyRun(latest, next);
  return { folder: next, todo: 'resume' };
}

/** The run folders of a trial, in order. */
async function attemptsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => /^attempt-([1-9]\d*)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
    .map((number) => join(folder, `attempt-${number}`));
}

/** How often a copy is made again, because a file was replaced meanwhile. */
const TRIES = 5;

/**
 * Copies a run that another process may be writing. Its saved state is copied first and its log
 * last, so the log has all events of the state. Later events are those of lost work, as after a
 * crash. An incomplete checkpoint has a wrong checksum and does not count.
 */
async function copyRun(from: string, to: string): Promise<void> {
  const aside = `${to}.${randomUUID()}.partial`;
  try {
    for (let tries = 1; ; tries++) {
      try {
        await copyInOrder(from, aside);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === TRIES) throw error;
        await rm(aside, { recursive: true, force: true });
      }
    }
    await rename(aside, to);
  } catch (cause) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
    throw new FixresRunsError('run-locked', `Another process has just begun "${to}".`, { cause });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function copyInOrder(from: string, to: string): Promise<void> {
  const names = await readdir(from);
  const last = ['events.jsonl'];
  const first = ['checkpoints', 'predictions', 'models'];
  const others = names.filter(
    (name) =>
      ![...first, ...last, 'summary.json', 'report.html'].includes(name) &&
      !isOfLock(name) &&
      !name.endsWith('.partial'),
  );
  await mkdir(to);
  for (const name of [...first, ...others, ...last].filter((each) => names.includes(each)))
    await cp(join(from, name), join(to, name), {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => !path.endsWith('.partial'),
    });
}
