// @module-tag native-engine
import { useEngine } from '@fixres/engine';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../../test/small-images.ts';
import {
  type EngineRecord,
  evaluationKey,
  fixresExperiment,
  fixresPresets,
  type PlannedExperiment,
  type Precision,
  type Predictions,
  type RunEventInput,
} from '@fixres/runs';
import { runExperiment } from '../../arms/run-experiment.ts';
import type { RunExperimentOptions } from '../../arms/run-experiment-options.ts';
import { createCompiledForward, createCompiledTrainer } from './compiled-factories.ts';

const memory = { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 };
const compiled = { createTrainer: createCompiledTrainer, createForward: createCompiledForward };

let engine: EngineRecord;
beforeAll(async () => {
  engine = await useEngine({ engine: 'tensorflow' });
});

/** The first epochs of an arm; in later ones, rounding errors grow. */
function tinyExperiment(precision: Precision): PlannedExperiment {
  const experiment = fixresExperiment({
    ...fixresPresets.quick,
    width: 4,
    small: 32,
    large: 48,
    epochs: 1,
    finetuneEpochs: 1,
    batchSize: 16,
  });
  const arms = experiment.arms
    .filter(({ name }) => name === 'small' || name === 'fixres')
    .map((arm) => ({
      ...arm,
      ema: { momentum: 0.5 },
      schedule: { type: 'constant' as const, rate: 1e-4 },
    }));
  return { ...experiment, arms, comparisons: [], precision };
}

async function run(experiment: PlannedExperiment, options: Partial<RunExperimentOptions>) {
  const events: RunEventInput[] = [];
  const predicted = new Map<string, Predictions>();
  const summary = await runExperiment(experiment, {
    engine,
    dataset: { name: 'made', classes: ['above', 'below'], train: 40, heldOut: 24, skipped: 0 },
    train: smallImages(40, 1),
    heldOut: smallImages(24, 2),
    memory,
    onEvent: (event) => events.push(event),
    onPredictions: (arm, _, policy, predictions) => {
      predicted.set(`${arm} ${evaluationKey(policy)}`, predictions);
      return Promise.resolve();
    },
    ...options,
  });
  return { summary, events, predicted };
}

describe('a run with compiled graphs', () => {
  it('reports the same as a run kernel by kernel for every arm, and leaks no tensor', async () => {
    const before = tf.memory().numTensors;
    const tiny = tinyExperiment('float32');
    // Each image size compiles another graph.
    const evaluations = tiny.arms.map(({ testPolicy }) => testPolicy);
    // One arm mixes half of its batches.
    const mix = { mixup: 0.5, cutmix: 1, probability: 0.5 };
    const arms = tiny.arms.map((arm, i) => (i === 0 ? { ...arm, mix } : arm));
    const experiment: PlannedExperiment = { ...tiny, arms, evaluations };
    const [expected, actual] = [await run(experiment, {}), await run(experiment, compiled)];
    expect(tf.memory().numTensors).toBe(before);
    expect(actual.events.filter(({ type }) => type === 'warning')).toEqual([]);
    actual.summary.arms.forEach(({ curves: [curve] }, i) => {
      curve!.epochs.forEach(({ loss }, epoch) => {
        expect(
          Math.abs(loss / expected.summary.arms[i]!.curves[0]!.epochs[epoch]!.loss - 1),
        ).toBeLessThan(1e-4);
      });
    });
    expect(actual.predicted.size).toBe(expected.predicted.size);
    for (const [key, { probabilities }] of expected.predicted) {
      const difference = Math.max(
        ...probabilities.map((value, i) =>
          Math.abs(value - actual.predicted.get(key)!.probabilities[i]!),
        ),
      );
      expect(difference, key).toBeLessThan(1e-3);
    }
  });

  it('trains in bfloat16, which is not possible kernel by kernel', async () => {
    const tiny = tinyExperiment('bfloat16');
    // Each image size, each batch size and the measurement of activations compile another graph.
    const experiment: PlannedExperiment = {
      ...tiny,
      evaluations: tiny.arms.map(({ testPolicy }) => testPolicy),
      activations: false,
    };
    const { summary, predicted } = await run(experiment, {
      ...compiled,
      dataset: { name: 'made', classes: ['above', 'below'], train: 32, heldOut: 16, skipped: 0 },
      train: smallImages(32, 1),
      heldOut: smallImages(16, 2),
    });
    for (const { curves } of summary.arms)
      expect(Number.isFinite(curves[0]!.epochs[0]!.loss)).toBe(true);
    for (const { probabilities } of predicted.values())
      expect(probabilities.every(Number.isFinite)).toBe(true);
    await expect(run(experiment, {})).rejects.toMatchObject({ code: 'bad-option' });
  });

  it('runs kernel by kernel on other engines, with the losses of the native engine for 20 steps', async () => {
    const lossesOn = async (name: 'tensorflow' | 'wasm'): Promise<number[]> => {
      engine = await useEngine({ engine: name });
      const experiment = {
        ...tinyExperiment('float32'),
        activations: false as const,
        batchSize: 8,
        normImages: 8,
      };
      const losses: number[] = [];
      // 4 epochs of 5 steps. The mean over the steps of an epoch so far reveals the loss of each
      // step.
      const arms = [{ ...experiment.arms[0]!, epochs: 4 }];
      const { events } = await run(
        { ...experiment, arms, evaluations: [arms[0]!.testPolicy] },
        compiled,
      );
      for (const event of events)
        if (event.type === 'progress' && event.phase === 'train') losses.push(event.loss!);
      expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
      return losses;
    };
    const [native, wasm] = [await lossesOn('tensorflow'), await lossesOn('wasm')];
    engine = await useEngine({ engine: 'tensorflow' });
    expect(native.length).toBeGreaterThanOrEqual(20);
    native.forEach((loss, i) =>
      expect(Math.abs(wasm[i]! / loss - 1), `loss of step ${i}`).toBeLessThan(1e-4),
    );
  });

  it('warns about a model that cannot be compiled, and trains it kernel by kernel', async () => {
    const experiment: PlannedExperiment = {
      ...tinyExperiment('float32'),
      model: { folder: 'own', digest: '', imageSize: 32, newClassifier: 'if-needed' },
      evaluations: [],
    };
    const [arm] = experiment.arms;
    experiment.arms = [{ ...arm!, freeze: 'all' }];
    experiment.evaluations = [arm!.testPolicy];
    const { events, summary } = await run(experiment, {
      ...compiled,
      openModel: () => Promise.resolve({ model: unpredictable(), architecture: undefined }),
    });
    const warnings = events
      .filter((event) => event.type === 'warning')
      .map(({ message }) => message);
    // One for the step and one for the forward pass, regardless of the number of evaluations.
    expect(warnings).toHaveLength(2);
    for (const message of warnings)
      expect(message).toMatch(
        /cannot be compiled: it reads the values of a tensor.* It runs kernel by kernel, which is slower\.$/,
      );
    expect(summary.arms[0]!.evaluations[0]!.total).toBe(24);
  });
});

/** A model with a layer that reads its values. */
function unpredictable(): LayersModel {
  const looking = layers.activation({ activation: 'linear' });
  const call = looking.call.bind(looking);
  looking.call = (inputs, kwargs) => {
    const [first] = Array.isArray(inputs) ? inputs : [inputs];
    first!.dataSync();
    return call(inputs, kwargs);
  };
  return sequential({
    layers: [
      layers.rescaling({ scale: 1 / 255, inputShape: [32, 32, 3] }),
      layers.flatten(),
      looking,
      layers.dense({ units: 2, activation: 'softmax' }),
    ],
  });
}
