import { resolve } from 'node:path';
import { experimentWords, resumeSession, runSession } from '@fixres/runner/node';
import type { Summary } from '@fixres/runs';
import { loadRun, newAttempt } from '@fixres/runs/node';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { runPlan } from '../plans/run-plan.ts';
import { conductInTerminal } from '../run/conduct-in-terminal.ts';
import { resultForm } from '../run/output-options.ts';
import { callProgram } from '../sweep/call-program.ts';
import { readSweep, sweepFiles } from '../sweep/sweep-folder.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Variables in which Slurm and Kubernetes give a job its index. */
const INDEX = ['SLURM_ARRAY_TASK_ID', 'JOB_COMPLETION_INDEX'] as const;

/** Runs or resumes one trial of a sweep, in the folder of its next attempt. */
export async function sweepTrial(
  folder: string,
  names: readonly string[],
  { json = false, quiet = false }: { json?: boolean; quiet?: boolean },
): Promise<void> {
  const terminal = new Terminal({ quiet });
  const { trials } = await readSweep(folder);
  const trial = chosenTrial(names);
  if (!trials.includes(trial)) {
    throw new ExitError(
      exitCodes.usage,
      `error: Trial "${trial}" does not exist; "fixres sweep status ${folder}" lists the trials.`,
    );
  }
  const { folder: run, todo } = await newAttempt(resolve(sweepFiles.trial(folder, trial)));
  if (todo === 'nothing') {
    if (json) terminal.result(JSON.stringify(await readResult(run)));
    else terminal.result(`Trial ${trial} is finished: ${run}`);
    return;
  }
  const planned =
    todo === 'run'
      ? await runPlan(sweepFiles.experiment(folder), { only: [trial], out: run, quiet }, terminal)
      : undefined;
  await requeuedWhenWarned(() =>
    conductInTerminal(
      (session) =>
        planned === undefined
          ? resumeSession(run, { variables: process.env, ...session })
          : runSession(planned.plan, {
              folder: run,
              words: experimentWords,
              variables: process.env,
              ...session,
            }),
      { folder: run, form: resultForm({ json }), terminal, cluster: undefined },
    ),
  );
}

/** The result of a finished run, as it was printed at its end. */
async function readResult(run: string): Promise<Summary | null> {
  const { summary } = await loadRun(run);
  return summary;
}

/** The only trial, or the one that the job's index selects. @throws ExitError without one */
function chosenTrial(names: readonly string[]): string {
  const [first] = names as [string];
  const variable = INDEX.find((name) => process.env[name] !== undefined);
  if (names.length === 1) return first;
  const index = variable && process.env[variable];
  const trial = index !== undefined && /^\d+$/.test(index) ? names[Number(index)] : undefined;
  if (trial !== undefined) return trial;
  const problem =
    variable === undefined
      ? `none of ${INDEX.join(' and ')} is set, which select one of several trials`
      : `${variable} is ${index}; it must be a whole number from 0 to ${names.length - 1}`;
  throw new ExitError(exitCodes.usage, `error: ${problem}.`);
}

/**
 * Interrupts the work at the signal that Slurm sends before the time limit (SIGUSR2), and asks Slurm
 * to queue the job again, which resumes it.
 */
async function requeuedWhenWarned(work: () => Promise<void>): Promise<void> {
  const job = process.env.SLURM_JOB_ID;
  let isWarned = false as boolean;
  const warn = (): void => {
    isWarned = true;
    process.emit('SIGTERM', 'SIGTERM');
  };
  if (job !== undefined) process.on('SIGUSR2', warn);
  try {
    await work();
  } catch (error) {
    if (isWarned && error instanceof ExitError && error.exitCode === exitCodes.interrupted)
      await callProgram('scontrol', ['requeue', job!]);
    throw error;
  } finally {
    process.off('SIGUSR2', warn);
  }
}
