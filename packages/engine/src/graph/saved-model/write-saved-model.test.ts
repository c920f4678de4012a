// @module-tag native-engine
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, onTestFinished } from 'vitest';
import { useEngine } from '../../use-engine.ts';
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
