import { experimentWords, plannedExperiment } from '@fixres/runner/node';
import {
  chooseTrials,
  type DatasetChoice,
  type PlannedExperiment,
  type PrecisionChoice,
  trialsOf,
} from '@fixres/runs';
import { experimentYaml } from '@fixres/runs/node';
import { completeFile } from '../plans/complete-file.ts';
import { type RunCommandOptions, runPlan } from '../plans/run-plan.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { interruptible } from '../terminal/interruptible.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** What the trials of a sweep compute. */
export interface SweepContent {
  planned: PlannedExperiment<PrecisionChoice>;
  dataset: DatasetChoice;
}

interface PlannedSweep {
  planned: PlannedExperiment<PrecisionChoice>;
  /** The complete experiment as YAML, which all trials read. */
  experiment: string;
  /** The command that repeats the experiment in one run. */
  command: string;
}

/**
 * The experiment of a file and options, complete, so that later changes of the file do not matter.
 *
 * @param change of the experiment before it is written
 */
export async function planSweep(
  file: string,
  options: RunCommandOptions,
  terminal: Terminal,
  change: (content: SweepContent) => SweepContent = (content) => content,
): Promise<PlannedSweep> {
  const { plan } = await runPlan(file, options, terminal);
  const whole = await interruptible(
    (signal) =>
      plannedExperiment(plan, { words: experimentWords, on: listenersOf(terminal), signal }),
    () => 'Interrupted. Nothing was written.',
  );
  const { planned, dataset } = change({ planned: whole.planned, dataset: plan.dataset });
  // Refuses what cannot run as trials.
  chooseTrials(
    planned,
    trialsOf(planned).map(({ name }) => name),
  );
  const { command } = plan;
  return {
    planned,
    command,
    experiment: experimentYaml(
      completeFile({ ...plan, dataset }, planned),
      `The experiment of: ${command}`,
    ),
  };
}
