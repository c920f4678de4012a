import {
  contractPolicy,
  namedPolicy,
  type PreprocessingContract,
  preprocessingContract,
} from '@fixres/data';
import { ImageLoader } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { type JsonValue, type ModelCard, requireContract } from '@fixres/models';
import { contractClassifier } from '@fixres/runner';
import { ExitError, exitCodes } from '../exit-error.ts';
import { counted, percent, textTable } from '@fixres/runs/report';
import { policyAtSize } from '../evaluate/policy-at-size.ts';
import { imageLimitsOf, modelFolderOf, openModel } from '@fixres/runner/node';
import { classifyFiles } from '../predict/classify-files.ts';
import { imagePaths } from '../predict/image-paths.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import { Terminal } from '../terminal.ts';
import { interruptible } from './interruptible.ts';

/** Options of `fixres predict`, as the command line gives them. */
export interface PredictOptions extends EngineOptions {
  top: number;
  testPolicy?: string;
  imageSize?: number;
  trainSize?: number;
  overrideContract?: boolean;
  arm?: string;
  seed?: number;
  best?: boolean;
  batchSize: number;
  maxMegapixels?: number;
  json?: boolean;
  ndjson?: boolean;
  quiet?: boolean;
}

/** What is printed of one image. */
interface ImagePrediction {
  file: string;
  /** Of every class, in the model's order. */
  probabilities: number[];
  /** The most probable first. */
  top: { label: string; probability: number }[];
}

/** An image that cannot be read. */
interface ImageFailure {
  file: string;
  error: string;
}

/** Classifies image files and prints what they show. Those that cannot be read are told, and then the command has failed. */
export async function predict(
  place: string,
  places: readonly string[],
  options: PredictOptions,
): Promise<void> {
  const { json = false, ndjson = false, top } = options;
  const terminal = new Terminal({ quiet: options.quiet ?? false });
  const predictions: ImagePrediction[] = [];
  const failed: ImageFailure[] = [];
  await interruptible(
    async (signal) => {
      const files = await imagePaths(places, process.stdin);
      const folder = await modelFolderOf(place, options);
      const engine = await useEngine({ engine: options.engine, device: options.device });
      terminal.line(`Engine: ${engine.reason}`);
      const { model, card, run, contract: own } = await openModel(folder, { best: options.best });
      const loader = new ImageLoader({ limits: imageLimitsOf(options) });
      try {
        const contract = chosenContract(own, run?.trainSize, options);
        requireOwnContract(card, contract, options);
        const classes = model.outputs[0]!.shape.at(-1)!;
        const names = card.classNames ?? Array.from({ length: classes }, (_, i) => `class ${i}`);
        const classified = classifyFiles(files, {
          classifier: contractClassifier(model, contract),
          loader,
          policy: contractPolicy(contract),
          batchSize: options.batchSize,
          signal,
        });
        for await (const result of classified) {
          if ('error' in result) {
            failed.push(result);
            terminal.warn(result.error);
          } else predictions.push(imagePrediction(result.file, result.probabilities, names, top));
          if (ndjson)
            terminal.result(
              JSON.stringify(
                'error' in result
                  ? { type: 'failure', ...result }
                  : { type: 'prediction', ...predictions.at(-1) },
              ),
            );
          terminal.progress(
            `Classifying: ${predictions.length + failed.length} of ${files.length}`,
          );
        }
      } finally {
        model.dispose();
        await loader.close();
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

/** @throws ExitError naming what differs, and the option that allows it */
function requireOwnContract(
  card: ModelCard,
  contract: PreprocessingContract,
  { overrideContract = false }: PredictOptions,
): void {
  try {
    requireContract(card, contract as unknown as JsonValue, { override: overrideContract });
  } catch (cause) {
    const { message } = cause as Error;
    throw new ExitError(
      exitCodes.usage,
      `error: ${message.replace('override the contract explicitly', 'give --override-contract')}`,
      { cause },
    );
  }
}

/** How the images are prepared: as the model says, or by the options. */
function chosenContract(
  own: PreprocessingContract | undefined,
  trainSize: number | undefined,
  options: PredictOptions,
): PreprocessingContract {
  const { testPolicy: policy, imageSize: size } = options;
  if (policy === undefined && size === undefined) {
    if (own !== undefined) return own;
    throw new ExitError(
      exitCodes.usage,
      'error: The model does not define its preprocessing; give --image-size and --test-policy.',
    );
  }
  const side = size ?? own?.input.width;
  if (side === undefined)
    throw new ExitError(
      exitCodes.usage,
      'error: Option --image-size is missing; the model does not define its image size.',
    );
  const { normalisation, layout } = own ?? {
    normalisation: { kind: 'scale', scale: 1, offset: 0 },
    layout: 'NHWC',
  };
  if (policy === undefined && own !== undefined)
    return preprocessingContract(policyAtSize(contractPolicy(own), side), {
      normalisation,
      layout,
    });
  const chosen = namedPolicy(policy ?? 'resize', {
    size: side,
    trainSize: options.trainSize ?? trainSize,
  });
  return preprocessingContract(chosen, { normalisation, layout });
}

function imagePrediction(
  file: string,
  row: Float32Array,
  names: readonly string[],
  count: number,
): ImagePrediction {
  // Seven digits are all that a 32-bit number holds.
  const probabilities = Array.from(row, (probability) => Number(probability.toPrecision(7)));
  const top = probabilities
    .map((probability, i) => ({ label: names[i]!, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
  return { file, probabilities, top };
}

function predictionsText(results: readonly ImagePrediction[]): string {
  const rows = results.flatMap(({ file, top }) =>
    top.map(({ label, probability }, i) => [i === 0 ? file : '', label, percent(probability)]),
  );
  return textTable(['image', 'class', 'probability'], rows, [2]);
}
