// @module-tag native-engine
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, onTestFinished } from 'vitest';
import { useEngine } from '../../use-engine.ts';
import { openSavedModel } from './open-saved-model.ts';
import { writeSavedModel } from './write-saved-model.ts';

it('accepts a folder with a trailing slash', async () => {
  await useEngine({ engine: 'tensorflow' });
  const above = await mkdtemp(join(tmpdir(), 'fixres-engine-'));
  onTestFinished(() => rm(above, { recursive: true, force: true }));
  await writeSavedModel(
    `${join(above, 'model')}/`,
    { x: { shape: [2], dtype: 'float32' } },
    ({ x }) => ({ twice: tf.mul(x!, 2) }),
  );
  expect(await readdir(above)).toEqual(['model']);
  expect((await readdir(join(above, 'model'))).sort()).toEqual(['saved_model.pb', 'variables']);
});

it('writes a function whose shapes coincide for some number of examples', async () => {
  await useEngine({ engine: 'tensorflow' });
  const above = await mkdtemp(join(tmpdir(), 'fixres-engine-'));
  onTestFinished(() => rm(above, { recursive: true, force: true }));
  const kernel = tf.variable(tf.range(0, 18));
  const folder = join(above, 'model');
  // For 3 examples, both shapes are [6, 3].
  await writeSavedModel(folder, { x: { shape: [6], dtype: 'float32' } }, ({ x }) => ({
    y: tf.neg(tf.reshape(x!, [2 * x!.shape[0], 3])),
    z: tf.neg(tf.reshape(kernel, [6, 3])),
  }));
  const opened = await openSavedModel(folder);
  tf.tidy(() => {
    const x = tf.reshape(tf.range(0, 30), [5, 6]);
    const { y, z } = opened.run({ x });
    expect([y!.shape, z!.shape]).toEqual([
      [10, 3],
      [6, 3],
    ]);
    expect([...y!.dataSync()]).toEqual([...tf.neg(x).dataSync()]);
  });
  opened.dispose();
  kernel.dispose();
});
