import {
  type DatasetWords,
  memoryNote,
  plannedExperiment,
  planMemory,
  runSession,
} from '@fixres/runner/node';
import { experimentYaml } from '@fixres/runs/node';
import { availableParallelism } from 'node:os';
import { clusterChoice } from '../cluster/cluster-choice.ts';
import { clusterTask } from '../cluster/cluster-task.ts';
import { follow } from '../cluster/follow.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { completeFile } from '../plans/complete-file.ts';
import type { PlannedRun } from '../plans/planned-run.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { resultForm, type ResultForm, type RunOutputOptions } from '../run/output-options.ts';
import { conductInTerminal } from '../run/conduct-in-terminal.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface StartOrPrintOptions extends RunOutputOptions {
  dryRun?: boolean | undefined;
  /** Default: the words of commands with options. */
  words?: DatasetWords | undefined;
  terminal: Terminal;
}

/** Starts a run in a new folder; with `dryRun`, prints its complete experiment instead. */
export async function startOrPrint(
  { plan, folder }: PlannedRun,
  { dryRun = false, words, terminal, ...output }: StartOrPrintOptions,
): Promise<void> {
  const form = resultForm(output);
  if (dryRun) {
    await printExperiment(plan, { form, words, terminal });
    return;
  }
  const task = clusterTask(output);
  if (task !== undefined && task.rank > 0) {
    await follow({ ...plan, threads: availableParallelism() }, task, output);
    return;
  }
  await conductInTerminal(
    (session) => runSession(plan, { folder, words, variables: process.env, ...session }),
    { folder, form, terminal, cluster: task && clusterChoice(task, output) },
  );
}

/** Prints an experiment with all defaults, as a file for `fixres run`. */
async function printExperiment(
  plan: PlannedRun['plan'],
  { form, words, terminal }: Pick<StartOrPrintOptions, 'words' | 'terminal'> & { form: ResultForm },
): Promise<void> {
  const on = listenersOf(terminal);
  const { planned, memory } = await interruptible(
    async (signal) => {
      const session = await plannedExperiment(plan, { words, on, signal });
      return { ...session, memory: await planMemory({ plan, ...session }, { on, signal }) };
    },
    () => 'Interrupted.',
  );
  if (memory !== undefined) terminal.line(memoryNote(memory));
  const complete = completeFile(plan, planned);
  terminal.result(
    form === 'text'
      ? experimentYaml(complete, `The experiment of: ${plan.command}`).trimEnd()
      : JSON.stringify(complete),
  );
}
