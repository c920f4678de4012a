import { resumeSession } from '@fixres/runner/node';
import { readRunConfig } from '@fixres/runs/node';
import { clusterChoice } from '../cluster/cluster-choice.ts';
import { follow } from '../cluster/follow.ts';
import { resumedTask } from '../cluster/resumed-task.ts';
import { conductInTerminal } from '../run/conduct-in-terminal.ts';
import { resultForm, type RunOutputOptions, runTerminal } from '../run/output-options.ts';

/** Options of `fixres resume`, as the command line gives them. */
export interface ResumeOptions extends RunOutputOptions {
  data?: string;
}

/** Resumes a run that was interrupted, failed or crashed, and prints its result. */
export async function resume(folder: string, options: ResumeOptions): Promise<void> {
  const terminal = runTerminal(options);
  // What is wrong with the folder is said when it is opened.
  const recorded = await readRunConfig(folder).catch(() => undefined);
  const task = resumedTask(options, recorded?.cluster, terminal);
  if (task !== undefined && task.rank > 0) {
    await follow(await readRunConfig(folder), task, options);
    return;
  }
  await conductInTerminal(
    (session) => resumeSession(folder, { data: options.data, variables: process.env, ...session }),
    {
      folder,
      form: resultForm(options),
      terminal,
      cluster: task && clusterChoice(task, options),
    },
  );
}
