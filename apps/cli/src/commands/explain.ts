import { runSession } from '@fixres/runner/node';
import type { Summary } from '@fixres/runs';
import { loadRun } from '@fixres/runs/node';
import { percent } from '@fixres/runs/report';
import { type ExplainOptions, explainPlan } from '../plans/explain-plan.ts';
import { conductInTerminal } from '../run/conduct-in-terminal.ts';
import { resultForm, type RunOutputOptions, runTerminal } from '../run/output-options.ts';

export type ExplainCommandOptions = ExplainOptions & RunOutputOptions;

/** Splits the gain of an arm into its parts, writes a run folder and prints the result. */
export async function explain(place: string, options: ExplainCommandOptions): Promise<void> {
  const terminal = runTerminal(options);
  const { plan, folder } = await explainPlan(place, options, (text) => terminal.line(text));
  let explained: Summary | undefined;
  await conductInTerminal(
    async (session) => (explained = await runSession(plan, { folder, ...session })),
    { folder, form: resultForm(options), terminal, cluster: undefined },
  );
  const { summary } = await loadRun(place);
  const warning = explained && trainedAgain(explained, summary);
  if (warning !== undefined) terminal.warn(warning);
}

/** A warning if training again gave another accuracy than the run, which threads can cause. */
function trainedAgain({ factorial }: Summary, recorded: Summary | null): string | undefined {
  const arm = recorded?.arms.find(({ name }) => name === factorial?.of.arm);
  const accuracy = arm?.evaluations[arm.ownEvaluation]?.accuracy;
  if (!factorial || accuracy === undefined || Math.abs(accuracy - factorial.full) < 1e-9)
    return undefined;
  return `${factorial.of.arm} has ${percent(accuracy)} in the run and ${percent(factorial.full)} trained again here; only runs with --deterministic repeat to the bit.`;
}
