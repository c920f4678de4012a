import type { Policy } from '@fixres/data';
import { applyFreezePolicy } from '@fixres/finetune';
import { Adam, createModel, layerGroups, type ModelCard } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresRunnerError } from './errors.ts';
import { Eta } from './eta.ts';
import { armCard } from './arm-card.ts';
import { eagerTrainer } from './eager-trainer.ts';
import { evaluate, type Predictions } from './evaluate.ts';
import type { DatasetRecord, EngineRecord, EpochRecord, RunEventInput, Summary } from './events.ts';
import { type ArmSpec, type Experiment, evaluationKey } from './experiment.ts';
import type { ImageSource } from './image-source.ts';
import { type ArmResult, summarize } from './summarize.ts';
import { trainArm } from './train-arm.ts';

/** Measures the memory of the process. */
export interface MemoryMeter {
  /** Starts a new peak. */
  reset(): void;
  /** Highest resident set size since the reset, in 10^6 bytes. */
  peakMb(): number;
  /** Resident set size now, in 10^6 bytes. */
  nowMb(): number;
}

export interface RunExperimentOptions {
  engine: EngineRecord;
  dataset: DatasetRecord;
  train: ImageSource;
  heldOut: ImageSource;
  memory: MemoryMeter;
  onEvent: (event: RunEventInput) => void;
  /** Receives every arm's predictions on the held-out images. */
  onPredictions?: (arm: string, seed: number, policy: Policy, predictions: Predictions) => Promise<void>;
  /** Receives every trained model and its card. The model is disposed afterwards. */
  onModel?: (arm: string, seed: number, model: LayersModel, card: ModelCard) => Promise<void>;
  signal?: AbortSignal | undefined;
}

/**
 * Runs all arms of an experiment for all seeds, one after the other, and compares them.
 *
 * @throws FixresRunnerError; FixresFinetuneError when a frozen layer moved; the signal's reason when aborted
 */
export async function runExperiment(experiment: Experiment, options: RunExperimentOptions): Promise<Summary> {
  const { engine, dataset } = options;
  const started = performance.now();
  const eta = new Eta(experiment, options.train.size, options.heldOut.size);
  const results: ArmResult[] = experiment.arms.map((spec) => ({ spec, seeds: [] }));

  for (const seed of experiment.seeds) {
    // Trained weights that later arms of this seed start from.
    const trained = new Map<string, tf.Tensor[]>();
    try {
      for (const result of results) {
        const { spec } = result;
        const card = armCard(experiment.model, spec, dataset.classes);
        const model = createModel(experiment.model.name, { ...card.architecture.options, seed });
        try {
          if (spec.initFrom !== null) model.setWeights(weightsOf(trained, spec));
          result.seeds.push(await runArm(model, spec, seed, experiment, eta, options));
          if (experiment.arms.some(({ initFrom }) => initFrom === spec.name)) {
            trained.set(
              spec.name,
              model.getWeights().map((weight) => tf.clone(weight)),
            );
          }
          await options.onModel?.(spec.name, seed, model, card);
        } finally {
          model.dispose();
        }
      }
    } finally {
      for (const weights of trained.values()) tf.dispose(weights);
    }
  }

  const seconds = (performance.now() - started) / 1000;
  return summarize(experiment, results, { engine, dataset, seconds });
}

async function runArm(
  model: LayersModel,
  spec: ArmSpec,
  seed: number,
  experiment: Experiment,
  eta: Eta,
  { train, heldOut, memory, onEvent, onPredictions, signal }: RunExperimentOptions,
): Promise<ArmResult['seeds'][number]> {
  const { batchSize } = experiment;
  const { name: arm, epochs } = spec;
  const trainsAll = spec.freeze === 'all';
  const handle = await applyFreezePolicy(model, spec.freeze, { groups: layerGroups(model) });
  const stepsPerEpoch = Math.ceil(train.size / batchSize);
  onEvent({ type: 'arm-start', arm, seed, epochs, stepsPerEpoch, trainableParameters: handle.counts.trainable });

  const evaluateUnder = async (policy: Policy, epoch: number): Promise<Predictions> => {
    const began = performance.now();
    let before = 0;
    return evaluate(model, heldOut, {
      policy,
      batchSize,
      signal,
      onBatch: (images) => {
        eta.add(images - before, policy.output.width);
        before = images;
        onEvent({
          type: 'progress',
          arm,
          seed,
          phase: 'evaluate',
          epoch,
          epochs,
          step: Math.ceil(images / batchSize),
          steps: Math.ceil(heldOut.size / batchSize),
          imagesPerSecond: images / ((performance.now() - began) / 1000),
          stall: 0,
          etaSeconds: eta.seconds(),
          rssMb: memory.nowMb(),
        });
      },
    });
  };

  memory.reset();
  const curve: EpochRecord[] = [];
  const optimizer = new Adam(spec.learningRate);
  let trainSeconds: number;
  try {
    trainSeconds = await trainArm({
      trainer: eagerTrainer(model, handle, optimizer),
      learningRate: spec.learningRate,
      source: train,
      policy: spec.trainPolicy,
      batchSize,
      epochs,
      seed,
      signal,
      heldOutAccuracy: async () => {
        const { correct } = await evaluateUnder(spec.testPolicy, curve.length);
        return count(correct) / correct.length;
      },
      onStep: (progress) => {
        eta.add(Math.min(batchSize, train.size - (progress.step - 1) * batchSize), spec.trainPolicy.output.width, trainsAll);
        onEvent({
          type: 'progress',
          arm,
          seed,
          phase: 'train',
          epochs,
          ...progress,
          etaSeconds: eta.seconds(),
          rssMb: memory.nowMb(),
        });
      },
      onEpoch: (record) => {
        curve.push(record);
        onEvent({ type: 'epoch', arm, seed, ...record });
      },
    });
  } finally {
    optimizer.dispose();
  }
  const peakRssMb = memory.peakMb();

  const proof = await handle.verify({ strict: true });
  onEvent({ type: 'frozen-verified', arm, seed, frozen: handle.frozen.length, moved: proof.changed.length });

  const correct = new Map<string, Uint8Array>();
  for (const policy of experiment.evaluations) {
    const predictions = await evaluateUnder(policy, epochs - 1);
    correct.set(evaluationKey(policy), predictions.correct);
    await onPredictions?.(arm, seed, policy, predictions);
    const { name, output } = policy;
    const total = predictions.correct.length;
    onEvent({ type: 'evaluation', arm, seed, policy: name, size: output.width, correct: count(predictions.correct), total });
  }
  // The order of a model's weights follows from what trains; the arms that start from this one expect the model's own.
  handle.restore();
  onEvent({ type: 'arm-end', arm, seed, trainSeconds, peakRssMb });
  return { seed, trainSeconds, peakRssMb, curve, correct };
}

function weightsOf(trained: Map<string, tf.Tensor[]>, spec: ArmSpec): tf.Tensor[] {
  const weights = trained.get(spec.initFrom!);
  if (weights) return weights;
  const allowed = [...trained.keys()].join(', ') || 'none';
  throw new FixresRunnerError('bad-option', `Arm "${spec.name}" starts from "${spec.initFrom}"; earlier arms: ${allowed}.`);
}

function count(correct: Uint8Array): number {
  return correct.reduce((sum, one) => sum + one, 0);
}
