import type { Policy, Size } from '@fixres/data';
import type { ModelCard } from '@fixres/models';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ForwardFactory } from './arm-evaluator.ts';
import {
  armCard,
  type ArmResult,
  type CheckpointStore,
  type DatasetRecord,
  type EngineRecord,
  type EpochRecord,
  type PlannedExperiment,
  type Predictions,
  type RunEventInput,
  type StateArrays,
  type StoredModel,
  summarize,
  type Summary,
} from '@fixres/runs';
import type { FeatureSettings } from './cached/cache-features.ts';
import { FeatureShelf } from './cached/feature-shelf.ts';
import { resolveCosts } from './compute/resolve-costs.ts';
import { Eta } from './eta.ts';
import type { ImageSource } from './image-source.ts';
import { readWeights, writeWeights } from './model-weights.ts';
import { rehearse } from './rehearse.ts';
import { type ArmContext, runArm } from './run-arm.ts';
import { type OpenedModel, startModel } from './start-model.ts';
import type { TrainerFactory } from './trainer-factory.ts';

/** Measures the memory of the process. */
export interface MemoryMeter {
  /** Resets the peak. */
  reset(): void;
  /** Highest resident set size since the reset, in 10^6 bytes. */
  peakMb(): number;
  /** Resident set size now, in 10^6 bytes. */
  nowMb(): number;
  /** Memory in use on the GPU, in 10^6 bytes, if known. Default: unknown. */
  deviceMb?(): number | undefined;
}

export interface RunExperimentOptions {
  engine: EngineRecord;
  dataset: DatasetRecord;
  train: ImageSource;
  heldOut: ImageSource;
  memory: MemoryMeter;
  onEvent: (event: RunEventInput) => void;
  /** Receives the model after every epoch, with the evaluated weights. The run owns it. */
  onEpoch?: (arm: string, seed: number, record: EpochRecord, model: LayersModel) => Promise<void>;
  /** Receives every arm's predictions on the held-out images. */
  onPredictions?: (
    arm: string,
    seed: number,
    policy: Policy,
    predictions: Predictions,
  ) => Promise<void>;
  /** Receives every trained model and its card. The model is disposed afterwards. */
  onModel?: (arm: string, seed: number, model: LayersModel, card: ModelCard) => Promise<void>;
  /**
   * Opens the initial model of an experiment, anew for each arm. Not needed for experiments with a
   * model by name.
   */
  openModel?: (model: StoredModel, seed: number) => Promise<OpenedModel>;
  /** Creates the trainer of each arm. Default: one that runs kernel by kernel, on any engine. */
  createTrainer?: TrainerFactory;
  /** Creates the forward pass for the held-out images. Default: kernel by kernel, on any engine. */
  createForward?: ForwardFactory;
  /**
   * How the features of frozen layers are cached, if that is exact. Default: in up to 1 GB of
   * memory.
   */
  features?: FeatureSettings;
  /**
   * Stores what the run needs to be resumed after a crash. Work that it already contains is not
   * repeated. Default: nothing is stored.
   */
  checkpoints?: CheckpointStore;
  /** Seconds of the earlier sessions of a resumed run. Default 0. */
  secondsBefore?: number;
  /**
   * Width and height of the training images, upright. With them the summary includes apparent
   * sizes.
   */
  imageSizes?: readonly Size[];
  signal?: AbortSignal | undefined;
}

/**
 * Runs all arms of an experiment for all seeds, one after another, and compares them. An arm is
 * trained once, however many others are initialised from it. Before the first step, all arms are
 * rehearsed, and lengths are derived from costs.
 *
 * @throws FixresRunnerError; FixresFinetuneError if a frozen layer changed; the signal's reason
 * when aborted
 */
export async function runExperiment(
  planned: PlannedExperiment,
  options: RunExperimentOptions,
): Promise<Summary> {
  const { engine, dataset, checkpoints: store, secondsBefore = 0, openModel } = options;
  const started = performance.now();
  const classes = dataset.classes.length;
  await rehearse(planned, { classes, openModel });
  const experiment = await resolveCosts(planned, {
    trainImages: options.train.size,
    classes,
    openModel,
  });
  const eta = new Eta(experiment, { train: options.train.size, heldOut: options.heldOut.size });
  const results: ArmResult[] = experiment.arms.map((spec) => ({ spec, seeds: [] }));

  const shelf = new FeatureShelf();
  try {
    for (const seed of experiment.seeds) {
      // Trained weights that later arms of this seed are initialised from.
      const trained = new Map<string, StateArrays>();
      for (const [i, { spec, seeds }] of results.entries()) {
        const isNeeded = experiment.arms.some(({ initFrom }, j) => j > i && initFrom === spec.name);
        const finished = await store?.loadFinished(spec.name, seed);
        if (finished) {
          seeds.push(finished.result);
          if (isNeeded && finished.weights) trained.set(spec.name, finished.weights);
          eta.strike(spec, seed === experiment.seeds[0]);
          continue;
        }
        const { model, architecture } = await startModel(experiment.model, seed, {
          classes,
          openModel,
        });
        try {
          const card = armCard(spec, dataset.classes, architecture);
          if (spec.initFrom !== null) writeWeights(model, trained.get(spec.initFrom)!);
          const context: ArmContext = { experiment, seed, card, options, store, shelf, eta };
          const arm = await runArm(model, spec, context);
          const weights = isNeeded ? await readWeights(model) : undefined;
          await store?.saveFinished(spec.name, seed, { ...arm, weights });
          seeds.push(arm.result);
          if (weights) trained.set(spec.name, weights);
        } finally {
          model.dispose();
        }
      }
    }
  } finally {
    await shelf.dispose();
  }

  const seconds = secondsBefore + (performance.now() - started) / 1000;
  return summarize(experiment, results, { engine, dataset, seconds }, options.imageSizes);
}
