import { counted, percent, textTable } from '@fixres/runs/plain-text';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { imagePaths } from '../predict/image-paths.ts';
import {
  type ImageFailure,
  type ImagePrediction,
  type PredictOptions,
  predictImages,
} from '../predict/predict-images.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { inCommandLineWords } from '../command-line/command-line-words.ts';
import { Terminal } from '../terminal/terminal.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Options of `fixres predict`, as the command line gives them. */
export interface PredictCommandOptions extends PredictOptions {
  json?: boolean;
  ndjson?: boolean;
  quiet?: boolean;
}

/**
 * Classifies image files and prints the result. If some are unreadable, the command fails after
 * classifying the others.
 */
export async function predict(
  place: string,
  places: readonly string[],
  options: PredictCommandOptions,
): Promise<void> {
  const { json = false, ndjson = false, quiet = false } = options;
  const terminal = new Terminal({ quiet });
  const predictions: ImagePrediction[] = [];
  const failed: ImageFailure[] = [];
  await interruptible(
    async (signal) => {
      const files = await imagePaths(places, process.stdin);
      const on = listenersOf(terminal);
      for await (const found of predictImages(place, files, options, { on, signal })) {
        const result =
          'error' in found ? { ...found, error: inCommandLineWords(found.error) } : found;
        const isFailure = 'error' in result;
        if (isFailure) {
          failed.push(result);
          terminal.warn(result.error);
        } else predictions.push(result);
        if (ndjson)
          terminal.result(
            JSON.stringify({ type: isFailure ? 'failure' : 'prediction', ...result }),
          );
      }
    },
    () => 'Interrupted.',
  );
  if (ndjson)
    terminal.result(
      JSON.stringify({ type: 'result', images: predictions.length, failed: failed.length }),
    );
  else if (json) terminal.result(JSON.stringify({ predictions, failed }));
  else if (predictions.length > 0) terminal.result(predictionsText(predictions));
  if (failed.length > 0) {
    throw new ExitError(
      exitCodes.failed,
      `error: ${failed.length} of ${counted(predictions.length + failed.length, 'image')} cannot be read.`,
    );
  }
}

function predictionsText(results: readonly ImagePrediction[]): string {
  const rows = results.flatMap(({ file, top, labels = top }) =>
    labels.length === 0
      ? [[file, 'none', '']]
      : labels.map(({ label, probability }, i) => [
          i === 0 ? file : '',
          label,
          percent(probability),
        ]),
  );
  return textTable(['image', 'class', 'probability'], rows, [2]);
}
