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
  // For 3 examples, both reshapes have the shape [6, 3].
  const run = (x: tf.Tensor): tf.Tensor2D =>
    tf.matMul(tf.reshape(x, [-1, 3]), tf.reshape(kernel, [6, 3]), false, true);
  const folder = join(above, 'model');
  await writeSavedModel(folder, { x: { shape: [6], dtype: 'float32' } }, ({ x }) => ({
    y: run(x!),
  }));
  const opened = await openSavedModel(folder);
  tf.tidy(() => {
    const x = tf.reshape(tf.range(0, 30), [5, 6]);
    const { y } = opened.run({ x });
    expect(y!.arraySync()).toEqual(run(x).arraySync());
  });
  opened.dispose();
  kernel.dispose();
});
