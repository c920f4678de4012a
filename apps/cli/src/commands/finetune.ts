import { type FinetuneOptions, finetunePlan } from '../plans/finetune-plan.ts';
import { type RunOutputOptions, runTerminal } from '../run/output-options.ts';
import { startOrPrint } from '../training-choice/start-or-print.ts';

/** Fine-tunes a model, writes its run folder and prints the result. */
export async function finetune(
  place: string,
  dataset: string,
  options: FinetuneOptions & RunOutputOptions,
): Promise<void> {
  const terminal = runTerminal(options);
  const planned = await finetunePlan(place, dataset, options, (text) => terminal.line(text));
  await startOrPrint(planned, { ...options, terminal });
}
