import { resolve } from 'node:path';
import {
  contractPolicy,
  type ImageSize,
  imageSizeOf,
  isSameSize,
  namedPolicy,
  type Policy,
  unscaled,
} from '@fixres/data';
import {
  classNameOf,
  datasetWarnings,
  type Example,
  type ImageDataset,
  ImageLoader,
} from '@fixres/data/node';
import { defaultCacheFolder, requireEngine, useEngine } from '@fixres/engine';
import { describe, endsInSigmoid, type ModelDescription } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  activationStatistics,
  chooseAdaptive,
  chooseResolution,
  contractClassifier,
  FixresRunnerError,
  type PixelContract,
  type ScoredPolicy,
} from '@fixres/runner';
import { writeAdaptiveRule } from '../adaptive/write-adaptive-rule.ts';
import {
  armRobustness,
  corruptionConditions,
  describeCalibration,
  evaluationKey,
} from '@fixres/runs';
import { describedEvaluation } from './described-evaluation.ts';
import { ClassifierCompiler } from './classifier-compiler.ts';
import { corruptionCost } from './corruption-cost.ts';
import {
  evaluateCorrupted,
  evaluateUnder,
  type EvaluationTask,
  type TestTimeAugmentation,
} from './evaluate-under.ts';
import { type EvaluationImages, evaluationImages } from './evaluation-images.ts';
import type { CorruptedEvaluation, EvaluationReport, SizeEvaluation } from './evaluation-record.ts';
import { parseCorruptions } from './parse-corruptions.ts';
import { parseSizes } from './parse-sizes.ts';
import { inputSizeOf, testPolicies } from './test-policies.ts';
import { counted, percent } from '@fixres/runs/report';
import {
  imageLimitsOf,
  trainedAmong,
  inOrderOfTraining,
  modelFolderOf,
  openModel,
  type PreparationListeners,
  readableExamples,
  readAsIn,
  resolveDataset,
  runOfModel,
  sourceOf,
  trainedOn,
  type TrainedRun,
} from '@fixres/runner/node';
import type { EngineOptions } from '../run/engine-options.ts';
import { type DatasetOptions, datasetReading } from '../run/dataset-reading.ts';
import type { DatasetReading } from '@fixres/runs';
import { modelDigest, readKnownImages } from '@fixres/runs/node';

/** The preprocessing of a model without a contract: unscaled levels. */
const levels: PixelContract = {
  normalisation: unscaled,
  layout: 'NHWC',
};

/** Options of `evaluate`. */
export interface EvaluateOptions extends DatasetOptions, EngineOptions {
  sizes?: string;
  testPolicy?: string;
  /** Test policies to evaluate under, instead of `sizes` and `testPolicy`. */
  policies?: readonly Policy[] | undefined;
  /** With `search`: keys of policies to compare with the model's own besides the chosen one. */
  compare?: readonly string[] | undefined;
  trainSize?: ImageSize;
  tta: TestTimeAugmentation;
  search?: boolean;
  /** In percentage points; needs `search`. */
  nonInferior?: number;
  /** File for the rule with which `predict` decides at a small size first. */
  adaptive?: string;
  /** With `adaptive`: percentage of images that are decided as at the largest size. Default 98. */
  agreement?: number;
  split: string;
  limit?: number;
  heldOut?: number;
  arm?: string;
  seed?: number | undefined;
  best?: boolean;
  batchSize: number;
  activations?: boolean;
  /** Names of corruptions, separated by commas; `true`: all. */
  corruptions?: string | true;
  /** Separated by commas; needs `corruptions`. */
  severities?: string;
  /** Also describes calibration with intervals, and temperature scaling. */
  calibration?: boolean;
  skipCorrupt?: boolean;
}

export interface EvaluateContext {
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * Evaluates a model on a data set at one or several image sizes.
 *
 * @param place model folder or run folder
 * @throws FixresRunnerError `bad-option`; errors of opening the model and the data set
 */
export async function evaluateModel(
  place: string,
  datasetName: string,
  options: EvaluateOptions,
  { on, signal }: EvaluateContext,
): Promise<EvaluationReport> {
  const sizes = options.sizes === undefined ? undefined : parseSizes(options.sizes);
  if (options.search && (options.policies ?? sizes ?? []).length < 2) {
    throw new FixresRunnerError(
      'bad-option',
      'Option --search needs at least two sizes to choose from; name them with --sizes.',
    );
  }
  if (options.nonInferior !== undefined && !options.search)
    throw new FixresRunnerError(
      'bad-option',
      `Option --non-inferior is ${options.nonInferior}; it needs --search.`,
    );
  const conditions = corruptionConditions(
    parseCorruptions(options.corruptions, options.severities),
  );
  checkAdaptive(options, (options.policies ?? sizes ?? []).length);
  // Check this before slow work.
  requireEngine(options);
  if (options.testPolicy !== undefined)
    namedPolicy(options.testPolicy, { size: 224, trainSize: 224 });
  const folder = await modelFolderOf(place, options);
  const source = sourceOf(datasetName);
  const given = await datasetReading(options);
  const run = await runOfModel(resolve(folder));
  const reading = run?.source === source ? readAsIn(run, given) : given;

  const opened = await resolveDataset(datasetName, {
    cacheFolder: defaultCacheFolder(),
    reading,
    on,
    signal,
  });
  const engine = await useEngine({ engine: options.engine, device: options.device });
  on.note?.(`Engine: ${engine.reason}`);
  const { model, card, contract } = await openModel(folder, { best: options.best, run });
  const decode = reading.decode ?? contract?.decode;
  const loader = new ImageLoader({ limits: imageLimitsOf(reading), decode });
  try {
    const classes = model.outputs[0]?.shape.at(-1) ?? 0;
    const knownClasses = run?.dataset.classes ?? card.classNames;
    const dataset = inOrderOfTraining(opened, knownClasses, on);
    for (const warning of datasetWarnings(dataset)) on.warning?.(warning);
    checkClasses(dataset, classes, knownClasses);
    checkHead(dataset, model);
    checkMultiLabelOptions(dataset, options);
    const chosen = evaluationImages(dataset, {
      part: options.split,
      run,
      source,
      limit: options.limit,
      heldOut: options.heldOut,
    });
    const readable = options.skipCorrupt
      ? await readableExamples(chosen.examples, {
          loader,
          skipCorrupt: true,
          on,
          signal,
        })
      : undefined;
    const { examples } = readable ?? chosen;
    if (examples.length === 0)
      throw new FixresRunnerError(
        'bad-option',
        `Part "${options.split}" of "${dataset.name}" holds no image.`,
      );
    on.note?.(
      `Images: ${counted(examples.length, 'image')} of ${dataset.name}, ${options.split} (${chosen.origin})`,
    );
    const known = await trainedOnAmong(examples, {
      chosen,
      run,
      reading: { ...reading, decode },
      digestOf: readable?.digests,
      loader,
      on,
      signal,
    });
    warnOfTraining(known, examples.length, {
      isCalibrated: options.adaptive !== undefined,
      areCopies: chosen.trainIds !== null && trainedOn(examples, chosen.trainIds) === 0,
      on,
    });

    const pixels = contract ?? levels;
    const policies = testPolicies(sizes, {
      run,
      contract,
      inputSize: inputSizeOf(model.inputs[0]?.shape, pixels.layout),
      policy: options.testPolicy,
      trainSize: options.trainSize,
      policies: options.policies,
    });
    const classifier = contractClassifier(model, pixels);
    const compiler = new ClassifierCompiler(classifier, (message) => on.warning?.(message));
    const evaluations: SizeEvaluation[] = [];
    const scored: ScoredPolicy[] = [];
    for (const policy of policies) {
      const task: EvaluationTask = {
        classifier,
        compiler,
        multiLabel: dataset.multiLabel
          ? { classes, thresholds: contract?.head?.thresholds }
          : undefined,
        policy,
        examples,
        loader,
        tta: options.tta,
        batchSize: options.batchSize,
        on,
        signal,
      };
      const { predictions, ...rest } = await evaluateUnder(task);
      scored.push({ policy, predictions });
      let corrupted: CorruptedEvaluation | null = null;
      if (conditions.length > 0) {
        const size = policy.output;
        on.note?.(corruptionCost({ conditions, images: examples.length, size, ...rest }));
        const correct = await evaluateCorrupted(task, conditions);
        const arm = {
          clean: [predictions.correct],
          conditions: conditions.map((each, i) => ({ ...each, correct: [correct[i]!] })),
        };
        const { accuracy, ci95, conditions: accuracies } = armRobustness(arm, arm);
        corrupted = { accuracy, ci95, conditions: accuracies };
      }
      const batches = loader.batches(examples, {
        policy,
        batchSize: options.batchSize,
        signal,
      });
      const activations = options.activations
        ? await activationStatistics(model, batches, { contract: pixels, signal })
        : null;
      const { multiplyAdds } = describeAt(model, policy);
      evaluations.push({
        policy: policy.name,
        size: imageSizeOf(policy.output),
        multiplyAdds,
        ...rest,
        ...describedEvaluation(predictions, contract?.head?.thresholds),
        activations,
        corrupted,
        temperatureScaling: options.calibration
          ? describeCalibration([predictions], { ids: examples.map(({ id }) => id) })
          : null,
      });
    }
    const own = baselineOf(policies, run?.arm.testPolicy ?? (contract && contractPolicy(contract)));
    const ids = examples.map(({ id }) => id);
    const flopsOf = (policy: Policy): number => describeAt(model, policy).multiplyAdds;
    const { adaptive: rule, agreement = DEFAULT_AGREEMENT, best = false } = options;
    const adaptive =
      rule === undefined
        ? null
        : chooseAdaptive(scored, { ids, agreement: agreement / 100, flopsOf });
    if (rule !== undefined && adaptive) {
      const written = await writeAdaptiveRule(rule, adaptive, {
        policies,
        flopsOf,
        model: await modelDigest(folder),
        best,
      });
      if (!written) on.warning?.(`No rule was written to ${rule}: no small size may decide.`);
    }
    return {
      format: 1,
      model: { path: folder, arm: run?.arm.name ?? null, seed: run?.seed ?? null },
      engine,
      dataset: { name: dataset.name, classes: dataset.classNames },
      images: { split: options.split, count: examples.length, trainedOn: known },
      tta: options.tta,
      evaluations,
      search: options.search
        ? chooseResolution(scored, {
            ids,
            flopsOf,
            ...(own && { baseline: evaluationKey(own) }),
            compare: options.compare,
            nonInferior: options.nonInferior && options.nonInferior / 100,
          })
        : null,
      adaptive,
    };
  } finally {
    model.dispose();
    await loader.close();
  }
}

/** In percent. */
const DEFAULT_AGREEMENT = 98;

/** @throws FixresRunnerError `bad-option` */
function checkAdaptive(
  { adaptive, agreement, tta }: Pick<EvaluateOptions, 'adaptive' | 'agreement' | 'tta'>,
  sizes: number,
): void {
  const bad = (message: string): FixresRunnerError => new FixresRunnerError('bad-option', message);
  if (adaptive === undefined) {
    if (agreement !== undefined)
      throw bad(`Option --agreement is ${agreement}; it needs --adaptive.`);
    return;
  }
  if (sizes < 2)
    throw bad(
      'Option --adaptive needs at least two sizes, a small and a large one; name them with --sizes.',
    );
  if (tta !== 'none') throw bad(`Option --tta is "${tta}"; with --adaptive, it must be none.`);
}

/** The model at the input size of a policy. */
function describeAt(model: LayersModel, { output }: Policy): ModelDescription {
  return describe(model, [output.height, output.width]);
}

/** The baseline of a search: the model's own test policy, or else another one of its size. */
function baselineOf(policies: readonly Policy[], own: Policy | undefined): Policy | undefined {
  if (own === undefined) return undefined;
  return (
    policies.find((policy) => evaluationKey(policy) === evaluationKey(own)) ??
    policies.find(({ output }) => isSameSize(output, own.output))
  );
}

interface TrainedOnOptions {
  chosen: EvaluationImages;
  run: TrainedRun | undefined;
  reading: DatasetReading;
  /** SHA-256 of the pixels of each image by its id, if they were already decoded. */
  digestOf: ReadonlyMap<string, string | undefined> | undefined;
  loader: ImageLoader;
  on: PreparationListeners;
  signal: AbortSignal;
}

/**
 * The number of these images that the model was trained on: by content, or by name for runs of
 * earlier versions; null if unknown.
 */
async function trainedOnAmong(
  examples: readonly Example[],
  { chosen, run, reading, digestOf, loader, on, signal }: TrainedOnOptions,
): Promise<number | null> {
  const images = run && (await readKnownImages(run.folder));
  // Data sets of the same name can have different or changed content.
  if (images === undefined) return chosen.trainIds && trainedOn(examples, chosen.trainIds);
  const onProgress = (done: number): void =>
    on.progress?.(`Comparing with the images that were trained on: ${done} of ${examples.length}`);
  const digests = async (): Promise<(string | undefined)[]> =>
    digestOf
      ? examples.map(({ id }) => digestOf.get(id))
      : (await loader.inspect(examples, { onProgress, signal })).digests;
  const options = { decode: reading.decode, digests, limits: imageLimitsOf(reading), signal };
  return (await trainedAmong(examples, images, options)) ?? null;
}

function checkClasses(
  dataset: ImageDataset,
  classes: number,
  known: readonly string[] | undefined,
): void {
  const { name, classNames } = dataset;
  if (classes !== classNames.length) {
    const message = `The model tells ${classes} classes apart, but "${name}" has ${classNames.length}: ${classNames.join(', ')}.`;
    throw new FixresRunnerError('bad-option', message);
  }
  if (
    known === undefined ||
    known.every((className, i) => classNameOf(className) === classNames[i])
  )
    return;
  const message = `The model knows the classes ${known.join(', ')}, but "${name}" has ${classNames.join(', ')}.`;
  throw new FixresRunnerError('bad-option', message);
}

/** @throws FixresRunnerError `bad-option` for what needs one class per image */
function checkMultiLabelOptions(
  { name, multiLabel = false }: ImageDataset,
  { calibration = false, adaptive }: Pick<EvaluateOptions, 'calibration' | 'adaptive'>,
): void {
  const option = calibration ? '--calibration' : adaptive === undefined ? undefined : '--adaptive';
  if (!multiLabel || option === undefined) return;
  throw new FixresRunnerError(
    'bad-option',
    `Option ${option} needs one class per image, but images of "${name}" have several labels; leave it out.`,
  );
}

/** @throws FixresRunnerError `bad-option` if only one of the two has several classes per image */
function checkHead({ name, multiLabel = false }: ImageDataset, model: LayersModel): void {
  if (endsInSigmoid(model) === multiLabel) return;
  throw new FixresRunnerError(
    'bad-option',
    multiLabel
      ? `Images of "${name}" have several labels, but the model tells images of one class apart; leave out --multi-label, or give a model that was trained with it.`
      : `The model was trained on images with several labels, but those of "${name}" have one class; read it with --multi-label.`,
  );
}

function warnOfTraining(
  trainedOn: number | null,
  images: number,
  {
    isCalibrated,
    areCopies,
    on,
  }: {
    isCalibrated: boolean;
    /** Whether the run held out all of them by name, so that those it knows are copies. */
    areCopies: boolean;
    on: PreparationListeners;
  },
): void {
  const what = isCalibrated ? 'the accuracy and the promise of the rule say' : 'the accuracy says';
  if (trainedOn === null)
    on.note?.(
      `Which images the model was trained on is not known; if these are among them, ${what} little about new ones.`,
    );
  if (trainedOn !== null && trainedOn > 0 && areCopies)
    on.warning?.(
      `${trainedOn} of the ${counted(images, 'held-out image')} ${trainedOn === 1 ? 'has' : 'have'} the pixels of a training image, so the accuracy can be too high by ${percent(trainedOn / images)}.`,
    );
  else if (trainedOn !== null && trainedOn > 0) {
    const remedy = 'The run held out others: --split held-out, without --limit and --held-out.';
    on.warning?.(
      `${trainedOn} of the ${counted(images, 'image')} ${trainedOn === 1 ? 'was' : 'were'} trained on; ${what} little about new ones. ${remedy}`,
    );
  }
}
