import { applyFreezePolicy, type FreezeHandle } from '@fixres/finetune';
import { useEngine } from '@fixres/engine';
import { SGD } from '@fixres/models';
import type { StateArrays } from '@fixres/runs';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageBatch } from '../images/image-source.ts';
import { eagerTrainer } from '../training/eager-trainer.ts';
import type { Trainer } from '../training/trainer.ts';
import type { TrainingCluster } from './training-cluster.ts';
import { unsharedTrainer } from './unshared-trainer.ts';

const batch: ImageBatch = {
  pixels: Uint8Array.of(10, 200, 90, 250, 3, 60),
  shape: [2, 1, 1, 3],
  labels: Int32Array.of(0, 1),
  indices: Uint32Array.of(0, 1),
};

beforeAll(() => useEngine({ engine: 'cpu' }));

describe('unsharedTrainer', () => {
  let handle: FreezeHandle;
  let optimizer: SGD;
  let alone: Trainer;

  beforeEach(async () => {
    const { layers } = tfl;
    const model = tfl.sequential({
      layers: [
        layers.rescaling({ scale: 1 / 255, inputShape: [1, 1, 3] }),
        layers.flatten(),
        layers.dense({ units: 2, name: 'frozen' }),
        layers.dense({ units: 2, name: 'classifier', activation: 'softmax' }),
      ],
    });
    handle = await applyFreezePolicy(model, 'classifier');
    optimizer = new SGD(0.1, { momentum: 0.9 });
    alone = eagerTrainer(model, handle, optimizer);
  });

  afterEach(() => {
    optimizer.dispose();
    handle.model.dispose();
  });

  /** The cluster of a process other than the first one, which has `first` instead of its own state. */
  function setUp(first?: (state: StateArrays) => StateArrays): {
    trainer: Trainer;
    calls: string[];
    warnings: string[];
  } {
    const calls: string[] = [];
    const warnings: string[] = [];
    const cluster = {
      vote: () => calls.push('vote'),
      count: (votes: Float32Array) => calls.push(`count ${votes.join()}`),
      differing: (state: StateArrays) => {
        const differs = first && [...state.keys()].filter((name) => !name.endsWith('iter'));
        calls.push(`compare ${[...state.keys()].join()}`);
        return differs ?? [];
      },
      share: (state: StateArrays) => first!(state),
    } as unknown as TrainingCluster;
    const onWarning = (message: string): void => void warnings.push(message);
    return { trainer: unsharedTrainer(alone, { handle, cluster, onWarning }), calls, warnings };
  }

  it('takes the steps of one process, and votes in every 32nd', () => {
    const { trainer, calls } = setUp();
    const losses = Array.from({ length: 65 }, () => trainer.step(batch, 0.1).loss);
    expect(new Set(losses).size).toBe(65);
    const nobody = Array.from({ length: 31 }, () => 'count 0,0');
    expect(calls).toEqual([...nobody, 'vote', ...nobody, 'vote', 'count 0,0']);
  });

  it('compares what trains, once after steps and for every state', async () => {
    const { trainer, calls, warnings } = setUp();
    await trainer.readBack();
    expect(calls).toEqual([]);
    trainer.step(batch, 0.1);
    await trainer.readBack();
    await trainer.readBack();
    const before = await alone.state();
    expect(await trainer.state()).toEqual(before);
    const weights = [...before.keys()].filter((name) => name.startsWith('classifier/'));
    expect(calls.slice(1)).toEqual([
      `compare ${handle.gradientVariables.map(({ name }) => name).join()}`,
      `compare ${[...before.keys()].filter((name) => !name.startsWith('frozen')).join()}`,
    ]);
    expect(calls[2]).toMatch(
      new RegExp(`^compare ${weights.join()},optimizer/iter,optimizer/${weights[0]}`),
    );
    expect(warnings).toEqual([]);
  });

  it('continues with the numbers of the first process where others differ, and says so once', async () => {
    const doubled = (state: StateArrays): StateArrays =>
      new Map(
        [...state].map(([name, array]) => [
          name,
          { ...array, values: (array.values as Float32Array).map((value) => value * 2) },
        ]),
      );
    const { trainer, warnings } = setUp(doubled);
    trainer.step(batch, 0.1);
    const own = await alone.state();
    await trainer.readBack();
    const after = await alone.state();
    for (const [name, { values }] of own)
      expect(after.get(name)!.values, name).toEqual(
        name.startsWith('frozen') || name.endsWith('iter')
          ? values
          : (values as Float32Array).map((value) => value * 2),
      );
    expect(await trainer.state()).toEqual(await alone.state());
    expect(warnings).toEqual([
      'The processes computed different numbers, first in "classifier/kernel"; all continue with those of process 0.',
    ]);
  });
});
