import { type EvaluateOptions, evaluateModel } from '../evaluate/evaluate-model.ts';
import { evaluationText } from '../evaluate/evaluation-text.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres evaluate`, as the command line gives them. */
export interface EvaluateCommandOptions extends EvaluateOptions {
  perClass?: boolean;
  json?: boolean;
  quiet?: boolean;
}

/** Evaluates a model on a data set and prints the result. */
export async function evaluateCommand(
  place: string,
  dataset: string,
  options: EvaluateCommandOptions,
): Promise<void> {
  const { json = false, perClass = false, quiet = false } = options;
  const terminal = new Terminal({ quiet });
  const on = listenersOf(terminal);
  const report = await interruptible(
    (signal) => evaluateModel(place, dataset, options, { on, signal }),
    () => 'Interrupted.',
  );
  terminal.line();
  terminal.result(json ? JSON.stringify(report) : evaluationText(report, { perClass }));
}
