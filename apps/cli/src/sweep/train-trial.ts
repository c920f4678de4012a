import { FixresRunnerError } from '@fixres/runner';
import { experimentWords, resumeSession, runSession } from '@fixres/runner/node';
import { newAttempt } from '@fixres/runs/node';
import { runPlan } from '../plans/run-plan.ts';
import { conductInTerminal } from '../run/conduct-in-terminal.ts';
import type { ResultForm } from '../run/output-options.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { rungValue } from './rung-value.ts';
import { sweepFiles } from './sweep-folder.ts';

interface TrainTrialOptions {
  /** Of the sweep, absolute. */
  folder: string;
  trial: string;
  /** Ends the trial after this number of epochs of its first arm. Default: it is finished. */
  untilEpoch?: number | undefined;
  form: ResultForm;
  quiet: boolean;
  terminal: Terminal;
}

/** What {@link trainTrial} has found or made. */
export interface TrainedTrial {
  /** Its run folder. */
  run: string;
  /** `nothing`: it was finished, or trained so far, before. */
  todo: 'nothing' | 'done';
}

/** Runs or resumes a trial of a sweep in the folder of its next attempt, and prints the result when it is finished. */
export async function trainTrial({
  folder,
  trial,
  untilEpoch,
  form,
  quiet,
  terminal,
}: TrainTrialOptions): Promise<TrainedTrial> {
  const { folder: run, todo } = await newAttempt(sweepFiles.trial(folder, trial));
  if (todo === 'nothing') return { run, todo };
  if (todo === 'resume' && untilEpoch !== undefined) {
    const value = await rungValue(run, untilEpoch);
    if (typeof value === 'number') return { run, todo: 'nothing' };
  }
  const planned =
    todo === 'run'
      ? await runPlan(sweepFiles.experiment(folder), { only: [trial], out: run, quiet }, terminal)
      : undefined;
  const settings = { variables: process.env, pauseAfter: untilEpoch };
  try {
    await conductInTerminal(
      (session) =>
        planned === undefined
          ? resumeSession(run, { ...settings, ...session })
          : runSession(planned.plan, {
              folder: run,
              words: experimentWords,
              ...settings,
              ...session,
            }),
      { folder: run, form, terminal, cluster: undefined },
    );
  } catch (error) {
    if (!(error instanceof FixresRunnerError && error.code === 'paused')) throw error;
  }
  return { run, todo: 'done' };
}
