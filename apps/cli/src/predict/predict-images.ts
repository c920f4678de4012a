import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  contractPolicy,
  type ImageSize,
  imageSizeOf,
  imageSizeText,
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
import { type AdaptiveRule, readAdaptiveRule } from '../adaptive/adaptive-rule.ts';
import { type Classify, classifyFiles } from './classify-files.ts';

/** Options of `predict`. */
export interface PredictOptions extends EngineOptions {
  top: number;
  testPolicy?: string;
  imageSize?: ImageSize;
  trainSize?: ImageSize;
  overrideContract?: boolean;
  /** File of `evaluate --adaptive`: a small size decides if it is sure. */
  adaptive?: string;
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
  /** With `adaptive`: size of the input that the decision is from. */
  size?: ImageSize;
  /** For every class, in the model's order. */
  probabilities: number[];
  /** Most probable first. */
  top: ClassProbability[];
  /** Of a multi-label model: all classes that reach their thresholds, most probable first. */
  labels?: ClassProbability[];
}

interface ClassProbability {
  label: string;
  probability: number;
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
  const rule = await ruleFor(folder, options);
  const contract = rule
    ? preprocessingContract(rule.small, pixelsOf(own, options.decode))
    : chosenContract(own, run?.trainSize, options);
  // A rule was calibrated with its sizes.
  if (!rule) requireOwnContract(own, contract, options);
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
      unsure: rule && { policy: rule.large, threshold: rule.threshold },
      batchSize: options.batchSize,
      signal,
    });
    const sizes = new Map<string, number>();
    let done = 0;
    for await (const result of classified) {
      yield 'error' in result
        ? result
        : {
            ...imagePrediction(result.file, result.probabilities, {
              card,
              contract,
              count: options.top,
            }),
            ...(rule && { size: result.size }),
          };
      if ('size' in result) {
        const text = imageSizeText(result.size);
        sizes.set(text, (sizes.get(text) ?? 0) + 1);
      }
      done += 1;
      on.progress?.(`Classifying: ${done} of ${files.length}`);
    }
    if (rule) on.note?.(adaptiveNote(rule, sizes));
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
  const { testPolicy: policy, imageSize, decode } = options;
  if (policy === undefined && imageSize === undefined) {
    if (own !== undefined) return { ...own, decode: decode ?? own.decode };
    throw new FixresRunnerError(
      'bad-option',
      'The model does not define its preprocessing; give --image-size and --test-policy.',
    );
  }
  const size = imageSize ?? (own && imageSizeOf(own.input));
  if (size === undefined)
    throw new FixresRunnerError(
      'bad-option',
      'Option --image-size is missing; the model does not define its image size.',
    );
  const pixels = pixelsOf(own, decode);
  if (policy === undefined && own !== undefined)
    return preprocessingContract(policyAtSize(contractPolicy(own), size), pixels);
  const chosen = namedPolicy(policy ?? 'resize', {
    size,
    trainSize: options.trainSize ?? trainSize,
  });
  return preprocessingContract(chosen, pixels);
}

/** How pixels become numbers: as the model defines it, else as levels. */
function pixelsOf(
  own: PreprocessingContract | undefined,
  decode = own?.decode,
): Pick<PreprocessingContract, 'normalisation'> &
  Partial<Pick<PreprocessingContract, 'channelOrder' | 'layout' | 'decode' | 'head'>> {
  return {
    normalisation: own?.normalisation ?? unscaled,
    ...(own && { channelOrder: own.channelOrder, layout: own.layout, head: own.head }),
    ...(decode && { decode }),
  };
}

/**
 * The rule of `--adaptive`.
 *
 * @throws FixresRunnerError `bad-option` for a rule of another model, or options that it replaces
 */
async function ruleFor(folder: string, options: PredictOptions): Promise<AdaptiveRule | undefined> {
  const { adaptive, best = false, testPolicy, imageSize, trainSize } = options;
  if (adaptive === undefined) return undefined;
  const texts = {
    testPolicy,
    imageSize: imageSize && imageSizeText(imageSize),
    trainSize: trainSize && imageSizeText(trainSize),
  };
  const given = Object.entries(texts).find(([, value]) => value !== undefined);
  const bad = (message: string): FixresRunnerError => new FixresRunnerError('bad-option', message);
  if (given) {
    const flag = given[0].replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw bad(
      `Option --${flag} is ${given[1]!}, but the rule of --adaptive defines it; leave it out.`,
    );
  }
  const rule = await readAdaptiveRule(adaptive);
  const { modelDigest } = await import('@fixres/runs/node');
  if (rule.model !== (await modelDigest(folder)))
    throw bad(
      `Option --adaptive is "${adaptive}", which is for another model than "${folder}"; calibrate again with evaluate --adaptive.`,
    );
  if (rule.best !== best)
    throw bad(
      `Option --adaptive is "${adaptive}", which is for the weights of the ${rule.best ? 'best' : 'last'} epoch; ${rule.best ? 'give' : 'leave out'} --best.`,
    );
  return rule;
}

/** How many images each size decided, and the compute that this took. */
function adaptiveNote(
  { small, large, multiplyAdds: [first, second] }: AdaptiveRule,
  sizes: ReadonlyMap<string, number>,
): string {
  const [smallText, largeText] = [imageSizeText(small.output), imageSizeText(large.output)];
  const onSmall = sizes.get(smallText) ?? 0;
  const onLarge = sizes.get(largeText) ?? 0;
  const images = onSmall + onLarge;
  const cost = images === 0 ? 0 : (first + (onLarge / images) * second) / second;
  return `Adaptive: ${onSmall} of ${images} images decided at ${smallText} px, the others at ${largeText} px; mean compute ${cost.toFixed(2)} of that at ${largeText} px`;
}

function imagePrediction(
  file: string,
  row: Float32Array,
  {
    card: { classNames },
    contract: { head },
    count,
  }: { card: ModelCard; contract: PreprocessingContract; count: number },
): ImagePrediction {
  // A 32-bit float has at most seven significant digits.
  const probabilities = Array.from(row, (probability) => Number(probability.toPrecision(7)));
  const ranked = probabilities
    .map((probability, i) => ({ i, label: classNames?.[i] ?? `class ${i}`, probability }))
    .sort((a, b) => b.probability - a.probability);
  const shown = ({ label, probability }: ClassProbability): ClassProbability => ({
    label,
    probability,
  });
  return {
    file,
    probabilities,
    top: ranked.slice(0, count).map(shown),
    ...(head && {
      labels: ranked.filter(({ i }) => row[i]! >= head.thresholds[i]!).map(shown),
    }),
  };
}
