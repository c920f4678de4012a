import { type ReproduceOptions, reproducePlan } from '../plans/reproduce-plan.ts';
import { type RunOutputOptions, runTerminal } from '../run/output-options.ts';
import { startOrPrint } from '../training-choice/start-or-print.ts';

/** Runs the FixRes experiment, writes its run folder and prints the result. */
export async function reproduce(
  dataset: string,
  options: ReproduceOptions & RunOutputOptions,
): Promise<void> {
  const planned = await reproducePlan(dataset, options);
  await startOrPrint(planned, { ...options, terminal: runTerminal(options) });
}
