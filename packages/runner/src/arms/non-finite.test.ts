// @module-tag native-engine
import { useEngine } from '@fixres/engine';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import {
  type ArmCheckpoint,
  type CheckpointSettings,
  type CheckpointStore,
  type EngineRecord,
  fixresExperiment,
  fixresPresets,
  type PlannedExperiment,
} from '@fixres/runs';
import { runExperiment } from './run-experiment.ts';

/**
 * One step on 8 images at a rate beyond the range of float32: the loss before it is finite, the
 * weights after it are not.
 */
function experimentOf(
  checkpoint: CheckpointSettings,
  steps: number,
): [PlannedExperiment, images: number] {
  const { arms, ...rest } = fixresExperiment({
    ...fixresPresets.quick,
    width: 4,
    small: 32,
    large: 48,
    epochs: 1,
    batchSize: 8,
  });
  const small = {
    ...arms[0]!,
    optimizer: { type: 'sgd' as const },
    schedule: { type: 'constant' as const, rate: 1e39 },
  };
  return [
    { ...rest, arms: [small], comparisons: [], evaluations: [small.testPolicy], checkpoint },
    8 * steps,
  ];
}

function storeOf(saved: ArmCheckpoint[]): CheckpointStore {
  return {
    load: () => Promise.resolve(undefined),
    save: (_arm, _seed, checkpoint) => Promise.resolve(void saved.push(checkpoint)),
    loadFinished: () => Promise.resolve(undefined),
    saveFinished: () => Promise.reject(new Error('nothing is finished')),
  };
}

describe('non-finite weights', () => {
  let engine: EngineRecord;
  beforeAll(async () => {
    engine = await useEngine({ engine: 'tensorflow' });
  });
  const run = (
    [experiment, images]: [PlannedExperiment, number],
    checkpoints?: CheckpointStore,
  ): Promise<unknown> =>
    runExperiment(experiment, {
      engine,
      dataset: { name: 'made', classes: ['above', 'below'], train: images, heldOut: 8, skipped: 0 },
      train: smallImages(images, 1),
      heldOut: smallImages(8, 2),
      memory: { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 },
      onEvent: () => undefined,
      ...(checkpoints && { checkpoints }),
    });

  it('are detected in the evaluation after the last step, which no later loss would reveal', async () => {
    await expect(run(experimentOf({}, 1))).rejects.toMatchObject({
      code: 'non-finite-loss',
      message: expect.stringMatching(
        /^After epoch 1 batch normalisation of arm "small" sees (NaN|-?Infinity): its weights are too large or not finite\. /,
      ) as string,
    });
    const [experiment, images] = experimentOf({}, 1);
    await expect(run([{ ...experiment, normStatistics: 'running' }, images])).rejects.toMatchObject(
      {
        code: 'non-finite-loss',
        message:
          'After epoch 1 arm "small" predicts NaN: its weights are too large or not finite. Try a lower learning rate.',
      },
    );
  });

  it('do not replace the last good checkpoint', async () => {
    const saved: ArmCheckpoint[] = [];
    await expect(run(experimentOf({ everySeconds: 0 }, 2), storeOf(saved))).rejects.toMatchObject({
      code: 'non-finite-loss',
      message: expect.stringMatching(
        /^".+" became (NaN|-?Infinity) before epoch 1, step 2; the previous checkpoint is kept\./,
      ) as string,
    });
    expect(saved).toEqual([]);
  });
});
