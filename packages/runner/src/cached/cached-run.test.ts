import { useEngine } from '@fixres/engine';
import { memoryStore } from '@fixres/finetune';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { type Drawn, viewImages } from '../../test/view-images.ts';
import {
  fixresExperiment,
  fixresPresets,
  type PlannedArm,
  type RunEventInput,
  type Summary,
} from '@fixres/runs';
import { runExperiment } from '../arms/run-experiment.ts';
import type { FeatureSettings } from './cache-features.ts';

type FeaturePlanEvent = Extract<RunEventInput, { type: 'feature-cache' }>;

it('caches features in the fine-tuning arms of an experiment, reports this, and gets the same result', async () => {
  const engine = await useEngine({ engine: 'wasm' });
  const planned = fixresExperiment({
    ...fixresPresets.quick,
    width: 4,
    small: 32,
    large: 48,
    epochs: 1,
    finetuneEpochs: 3,
    batchSize: 8,
    arms: ['small', 'untuned', 'fixres', 'control'],
  });
  const experiment = { ...planned, activations: false as const };
  const run = async (
    features: FeatureSettings,
  ): Promise<{ summary: Summary; events: RunEventInput[] }> => {
    const events: RunEventInput[] = [];
    const summary = await runExperiment(experiment, {
      engine,
      dataset: { name: 'made', classes: ['above', 'below'], train: 20, heldOut: 12, skipped: 0 },
      train: viewImages(20, 1),
      heldOut: viewImages(12, 2),
      memory: { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 },
      onEvent: (event) => events.push(event),
      features,
    });
    return { summary, events };
  };
  const cached = await run({});
  const uncached = await run({ budget: { memoryBytes: 0, diskBytes: 0 } });
  const plans = (events: RunEventInput[]) =>
    events.flatMap((event) =>
      event.type === 'feature-cache' ? [[event.arm, event.where, event.form]] : [],
    );
  expect(plans(cached.events)).toEqual([
    ['fixres', 'memory', 'maps'],
    ['control', 'memory', 'maps'],
  ]);
  expect(plans(uncached.events).map(([, where]) => where)).toEqual(['nowhere', 'nowhere']);
  const losses = ({ arms }: Summary): number[] =>
    arms.flatMap(({ curves }) => curves.flatMap(({ epochs }) => epochs.map(({ loss }) => loss)));
  losses(uncached.summary).forEach((loss, i) =>
    expect(losses(cached.summary)[i]).toBeCloseTo(loss, 5),
  );
  const left = cached.events.flatMap((event) =>
    event.type === 'progress' ? [event.etaSeconds] : [],
  );
  expect(left.at(-1)).toBeCloseTo(0, 3);
});

it('shares features between arms with the same views and frozen layers, gets the same result, and disposes the features', async () => {
  const engine = await useEngine({ engine: 'wasm' });
  const { arms, ...rest } = fixresExperiment({
    ...fixresPresets.quick,
    width: 4,
    small: 32,
    large: 48,
    epochs: 1,
    finetuneEpochs: 3,
    batchSize: 8,
  });
  const [small, fixres] = ['small', 'fixres'].map((name) =>
    arms.find((arm) => arm.name === name)!,
  ) as [PlannedArm, PlannedArm];
  const stats: PlannedArm = { ...fixres, name: 'stats', freeze: 'classifier+last-bn-stats' };
  const run = async (
    arms: PlannedArm[],
    openFile?: FeatureSettings['openFile'],
  ): Promise<{ summary: Summary; plans: FeaturePlanEvent[]; drawn: number[] }> => {
    const plans: FeaturePlanEvent[] = [];
    const drawn: Drawn = { images: 0, passes: 0 };
    const drawnBefore: number[] = [];
    const summary = await runExperiment(
      { ...rest, arms, comparisons: [], activations: false },
      {
        engine,
        dataset: { name: 'made', classes: ['above', 'below'], train: 20, heldOut: 12, skipped: 0 },
        train: viewImages(20, 1, drawn),
        heldOut: viewImages(12, 2),
        memory: { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 },
        onEvent: (event) => {
          if (event.type === 'feature-cache') plans.push(event);
          if (event.type === 'arm-end') drawnBefore.push(drawn.images);
        },
        features: openFile ? { budget: { memoryBytes: 0, diskBytes: 1e9 }, openFile } : {},
      },
    );
    return { summary, plans, drawn: drawnBefore };
  };
  const alone = await run([small, stats]);
  const tensors = tf.memory().numTensors;
  const disposed: string[] = [];
  const openFile: FeatureSettings['openFile'] = (name, layout) => {
    const store = memoryStore(layout);
    return Promise.resolve({
      ...store,
      dispose: () => store.dispose().then(() => void disposed.push(name)),
    });
  };
  const shared = await run(
    [
      small,
      fixres,
      stats,
      { ...stats, name: 'other', trainPolicy: small.testPolicy, testPolicy: small.testPolicy },
    ],
    openFile,
  );
  expect(tf.memory().numTensors).toBe(tensors);
  expect(alone.plans.map(({ arm, from }) => [arm, from])).toEqual([['stats', undefined]]);
  expect(shared.plans.map(({ arm, from }) => [arm, from])).toEqual([
    ['fixres', undefined],
    ['stats', 'fixres'],
    ['other', undefined],
  ]);
  expect(shared.plans[1]!.explanation).toMatch(
    / Arm "fixres" has already computed some or all of them\.$/,
  );
  expect(shared.summary.arms.map(({ featuresFrom }) => featuresFrom)).toEqual([
    undefined,
    undefined,
    'fixres',
    undefined,
  ]);
  // The second arm draws no image; the third uses other views.
  expect(shared.drawn[1]).toBeGreaterThan(shared.drawn[0]!);
  expect(shared.drawn[2]).toBe(shared.drawn[1]);
  expect(shared.drawn[3]).toBeGreaterThan(shared.drawn[2]!);
  expect(disposed).toEqual(['train', 'held-out', 'train', 'held-out']);
  const outcome = (summary: Summary) => {
    const { curves, evaluations } = summary.arms.find(({ name }) => name === 'stats')!;
    return [
      curves[0]!.epochs.map(({ loss, accuracy, heldOutAccuracy }) => [
        loss,
        accuracy,
        heldOutAccuracy,
      ]),
      evaluations,
    ];
  };
  expect(outcome(shared.summary)).toEqual(outcome(alone.summary));
});
