import { useEngine } from '@fixres/engine';
import { applyFreezePolicy } from '@fixres/finetune';
import { Adam, resNet14V2 } from '@fixres/models';
import { resize } from '@fixres/data';
import { onEngine } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import { eagerTrainer } from './eager-trainer.ts';
import type { ImageBatch } from '../images/image-source.ts';

const options = { classes: 2, width: 4, rescaling: { scale: 1 / 127.5, offset: -1 } };

async function batches(): Promise<ImageBatch[]> {
  const all: ImageBatch[] = [];
  for await (const batch of smallImages(20, 1).batches({
    policy: resize(32),
    batchSize: 8,
    seed: 0,
    epoch: 0,
    shuffle: true,
  }))
    all.push(batch);
  return all;
}

for (const engine of ['tensorflow', 'wasm'] as const)
  describe(`eagerTrainer on ${engine}`, onEngine(engine), () => {
    beforeAll(async () => {
      await useEngine({ engine });
    });

    it('continues from a restored state to the bit, in a model of another process', async () => {
      const before = tf.memory().numTensors;
      const run = async (seed: number) => {
        const model = resNet14V2({ ...options, seed });
        const optimizer = new Adam();
        return {
          model,
          optimizer,
          trainer: eagerTrainer(model, await applyFreezePolicy(model, 'all'), optimizer),
        };
      };
      const [first, second, third] = (await batches()) as [ImageBatch, ImageBatch, ImageBatch];
      const one = await run(1);
      one.trainer.step(first, 0.01);
      one.trainer.step(second, 0.01);
      const state = await one.trainer.state();
      expect([...state.keys()]).toEqual(
        expect.arrayContaining([
          'conv1_conv/kernel',
          'post_bn/moving_mean',
          'optimizer/iter',
          'optimizer/conv1_conv/kernel/m',
        ]),
      );
      const expected = one.trainer.step(third, 0.02);

      const other = await run(2);
      other.trainer.step(first, 0.5);
      await other.trainer.restore(state);
      expect(other.trainer.step(third, 0.02)).toEqual(expected);
      expect(await other.trainer.state()).toEqual(await one.trainer.state());

      state.delete('post_bn/gamma');
      await expect(other.trainer.restore(state)).rejects.toMatchObject({
        code: 'bad-state',
        message: expect.stringContaining('post_bn/gamma') as string,
      });
      for (const { model, optimizer, trainer } of [one, other]) {
        trainer.dispose();
        optimizer.dispose();
        model.dispose();
      }
      expect(tf.memory().numTensors).toBe(before);
    });

    it('trains towards targets if a batch has them', async () => {
      const [batch] = (await batches()) as [ImageBatch];
      const model = resNet14V2({ ...options, seed: 1 });
      const optimizer = new Adam();
      const trainer = eagerTrainer(model, await applyFreezePolicy(model, 'all'), optimizer);
      const hard = Float32Array.from(batch.labels, (label) => 1 - label).reduce<number[]>(
        (all, zero) => [...all, zero, 1 - zero],
        [],
      );
      const state = await trainer.state();
      const { loss } = trainer.step(batch, 0.01);
      await trainer.restore(state);
      expect(trainer.step({ ...batch, targets: Float32Array.from(hard) }, 0.01).loss).toBeCloseTo(
        loss,
        5,
      );
      await trainer.restore(state);
      const half = new Float32Array(hard.length).fill(0.5);
      expect(trainer.step({ ...batch, targets: half }, 0.01).loss).toBeGreaterThan(
        Math.log(2) - 1e-4,
      );
      for (const disposable of [trainer, optimizer, model]) disposable.dispose();
    });
  });
