import { experimentWords } from '@fixres/runner/node';
import { type RunCommandOptions, runPlan } from '../plans/run-plan.ts';
import { runTerminal } from '../run/output-options.ts';
import { startOrPrint } from '../training-choice/start-or-print.ts';

/** Runs the experiment that a file describes, writes its run folder and prints the result. */
export async function run(file: string, options: RunCommandOptions): Promise<void> {
  const terminal = runTerminal(options);
  const planned = await runPlan(file, options, terminal);
  await startOrPrint(planned, { ...options, words: experimentWords, terminal });
}
