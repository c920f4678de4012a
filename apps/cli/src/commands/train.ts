import { type TrainOptions, trainPlan } from '../plans/train-plan.ts';
import { type RunOutputOptions, runTerminal } from '../run/output-options.ts';
import { startOrPrint } from '../training-choice/start-or-print.ts';

/** Trains a model, writes its run folder and prints the result. */
export async function train(
  dataset: string,
  options: TrainOptions & RunOutputOptions,
): Promise<void> {
  const terminal = runTerminal(options);
  const planned = await trainPlan(dataset, options, (text) => terminal.line(text));
  await startOrPrint(planned, { ...options, terminal });
}
