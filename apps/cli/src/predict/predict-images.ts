import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  contractPolicy,
  type ImageSize,
  imageSizeOf,
  type JpegDecoding,
  namedPolicy,
  parsePreprocessingContract,
  policyAtSize,
  type PreprocessingContract,
  preprocessingContract,
  unscaled,
} from '@fixres/data';
import { ImageLoader } from '@fixres/data/node';
import {
  type JsonValue,
  type ModelCard,
  readModelCard,
  requireContract,
} from '@fixres/models/node/card';
import {
  FixresRunnerError,
  imageLimitsOf,
  modelFolderOf,
  type PreparationListeners,
  runOfModel,
  type TrainedRun,
} from '@fixres/runner/node/read';
import type { EngineOptions } from '../run/engine-options.ts';
import { type Classify, classifyFiles } from './classify-files.ts';

/** Options of `predict`. */
export interface PredictOptions extends EngineOptions {
  top: number;
  testPolicy?: string;
  imageSize?: ImageSize;
  trainSize?: ImageSize;
  overrideContract?: boolean;
  arm?: string;
  seed?: number;
  best?: boolean;
  batchSize: number;
  maxMegapixels?: number;
  /** Default: as the model's contract states. */
  decode?: JpegDecoding;
}

/** The prediction for one image. */
export interface ImagePrediction {
  file: string;
  /** For every class, in the model's order. */
  probabilities: number[];
  /** Most probable first. */
  top: { label: string; probability: number }[];
}

/** An image that cannot be read. */
export interface ImageFailure {
  file: string;
  error: string;
}

interface PredictContext {
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * Classifies image files, in order.
 *
 * @param place model folder or run folder
 * @throws FixresRunnerError `bad-option`; errors of opening the model. Unreadable images are among
 * the results.
 */
export async function* predictImages(
  place: string,
  files: readonly string[],
  options: PredictOptions,
  { on, signal }: PredictContext,
): AsyncGenerator<ImagePrediction | ImageFailure> {
  const folder = await modelFolderOf(place, options);
  const card = await readModelCard(folder);
  const run = await runOfModel(resolve(folder));
  const own = card.contract === undefined ? undefined : parsePreprocessingContract(card.contract);
  const contract = chosenContract(own, run?.trainSize, options);
  requireOwnContract(own, contract, options);
  // Its threads start, and read the first photos, while this one loads the engine and the model.
  const loader = new ImageLoader({
    limits: imageLimitsOf(options),
    decode: contract.decode,
    // A thread takes longer to start than to decode a photo.
    threads: Math.min(files.length, availableParallelism(), 4),
  });
  const opening = openClassifier(folder, contract, options, run, on);
  // Reports a failure when it is waited for, not as an unhandled rejection before.
  opening.catch(() => undefined);
  try {
    const classified = classifyFiles(files, {
      classifier: opening.then(({ classify }) => classify),
      loader,
      policy: contractPolicy(contract),
      batchSize: options.batchSize,
      signal,
    });
    let done = 0;
    for await (const result of classified) {
      yield 'error' in result
        ? result
        : imagePrediction(result.file, result.probabilities, card, options.top);
      done += 1;
      on.progress?.(`Classifying: ${done} of ${files.length}`);
    }
  } finally {
    await opening.then(
      ({ dispose }) => dispose(),
      () => undefined,
    );
    await loader.close();
  }
}

/** Loads the engine, then the model. The caller calls `dispose`. */
async function openClassifier(
  folder: string,
  contract: PreprocessingContract,
  { engine: choice, device, best }: PredictOptions,
  run: TrainedRun | undefined,
  on: PreparationListeners,
): Promise<{ classify: Classify; dispose: () => void }> {
  const { useEngine } = await import('@fixres/engine');
  const engine = await useEngine({ engine: choice, device });
  on.note?.(`Engine: ${engine.reason}`);
  const { contractClassifier, evaluate, openModel } = await import('@fixres/runner/node/inference');
  const [opened, { modelAtSize }] = await Promise.all([
    openModel(folder, { best, run }),
    import('./model-at-size.ts'),
  ]);
  const model = await modelAtSize(opened.model, contract);
  const classifier = contractClassifier(model, contract);
  return {
    classify: (source, options) => evaluate(classifier, source, options),
    dispose: () => void model.dispose(),
  };
}

/** @throws FixresRunnerError that names the difference, and the option that allows it */
function requireOwnContract(
  own: PreprocessingContract | undefined,
  contract: PreprocessingContract,
  { overrideContract = false }: PredictOptions,
): void {
  try {
    // As it was read, with what earlier versions left out of it.
    const card = own === undefined ? {} : { contract: own as unknown as JsonValue };
    requireContract(card, contract as unknown as JsonValue, { override: overrideContract });
  } catch (cause) {
    const { message } = cause as Error;
    throw new FixresRunnerError(
      'bad-option',
      message.replace('override the contract explicitly', 'give --override-contract'),
      { cause },
    );
  }
}

/** How the images are prepared: according to the model, or by the options. */
function chosenContract(
  own: PreprocessingContract | undefined,
  trainSize: ImageSize | undefined,
  options: PredictOptions,
): PreprocessingContract {
  const { testPolicy: policy, decode = own?.decode } = options;
  if (policy === undefined && options.imageSize === undefined) {
    if (own !== undefined) return { ...own, decode: decode ?? own.decode };
    throw new FixresRunnerError(
      'bad-option',
      'The model does not define its preprocessing; give --image-size and --test-policy.',
    );
  }
  const size = options.imageSize ?? (own && imageSizeOf(own.input));
  if (size === undefined)
    throw new FixresRunnerError(
      'bad-option',
      'Option --image-size is missing; the model does not define its image size.',
    );
  const { normalisation, channelOrder, layout }: Partial<PreprocessingContract> = own ?? {};
  const pixels = { normalisation: normalisation ?? unscaled, channelOrder, layout, decode };
  if (policy === undefined && own !== undefined)
    return preprocessingContract(policyAtSize(contractPolicy(own), size), pixels);
  const chosen = namedPolicy(policy ?? 'resize', {
    size,
    trainSize: options.trainSize ?? trainSize,
  });
  return preprocessingContract(chosen, pixels);
}

function imagePrediction(
  file: string,
  row: Float32Array,
  { classNames }: ModelCard,
  count: number,
): ImagePrediction {
  // A 32-bit float has at most seven significant digits.
  const probabilities = Array.from(row, (probability) => Number(probability.toPrecision(7)));
  const top = probabilities
    .map((probability, i) => ({ label: classNames?.[i] ?? `class ${i}`, probability }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
  return { file, probabilities, top };
}
