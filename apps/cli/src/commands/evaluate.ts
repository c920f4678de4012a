import { type EvaluateOptions, evaluateModel } from '../evaluate/evaluate-model.ts';
import { evaluationText } from '../evaluate/evaluation-text.ts';
import { adaptivePicture } from '../adaptive/adaptive-picture.ts';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { checkPictureFile, writePicture } from '../files/picture-file.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres evaluate`, as the command line gives them. */
export interface EvaluateCommandOptions extends EvaluateOptions {
  perClass?: boolean;
  /** Picture of an adaptive calibration. */
  curve?: string;
  json?: boolean;
  quiet?: boolean;
}

/** Evaluates a model on a data set and prints the result. */
export async function evaluateCommand(
  place: string,
  dataset: string,
  options: EvaluateCommandOptions,
): Promise<void> {
  const { json = false, perClass = false, quiet = false, curve } = options;
  if (curve !== undefined) {
    if (options.adaptive === undefined)
      throw new ExitError(exitCodes.usage, 'error: Option --curve needs --adaptive.');
    checkPictureFile(curve, '--curve');
  }
  const terminal = new Terminal({ quiet });
  const on = listenersOf(terminal);
  const report = await interruptible(
    (signal) => evaluateModel(place, dataset, options, { on, signal }),
    () => 'Interrupted.',
  );
  if (curve !== undefined && report.adaptive)
    await writePicture(curve, adaptivePicture(report.adaptive));
  terminal.line();
  terminal.result(json ? JSON.stringify(report) : evaluationText(report, { perClass }));
}
