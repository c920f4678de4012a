import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preprocessingContract, resize } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import type { JsonValue } from '@fixres/models';
import { saveModelFolder } from '@fixres/models/node';
import { modelDigest } from '@fixres/runs/node';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { residualModel } from '../../../test/recipe-training.ts';
import { openTeacher } from './open-teacher.ts';

let folder: string;
let model: LayersModel;
beforeAll(async () => {
  await useEngine({ engine: 'cpu' });
  folder = join(await mkdtemp(join(tmpdir(), 'fixres-teacher-')), 'teacher');
  model = residualModel();
  const contract = preprocessingContract(resize(32), {
    normalisation: { kind: 'scale', scale: 0.5, offset: 3 },
  });
  await saveModelFolder(model, folder, {
    version: 1,
    classNames: ['cat', 'dog'],
    contract: contract as unknown as JsonValue,
  });
});
afterAll(async () => {
  model.dispose();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

it('opens a teacher for any size of view, and scales levels as its contract states', async () => {
  const before = tf.memory().numTensors;
  const digest = await modelDigest(folder);
  const teacher = await openTeacher({ teacher: folder, digest }, ['cat', 'dog']);
  expect(teacher.inputs[0]!.shape).toEqual([null, null, null, 3]);
  tf.tidy(() => {
    const levels = tf.randomUniform([2, 32, 32, 3], 0, 255, 'float32', 1);
    const actual = (teacher.apply(levels) as tf.Tensor).dataSync();
    const expected = model.apply(tf.add(tf.mul(levels, 0.5), 3)) as tf.Tensor;
    expected.dataSync().forEach((value, i) => expect(actual[i]).toBeCloseTo(value, 4));
  });
  teacher.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

it.each([
  [['cat', 'dog', 'owl'], /knows 2 classes; the data set has 3; a teacher must have the same/],
  [['dog', 'cat'], /calls class 1 "cat", which is "dog" in the data set/],
])('refuses other classes: %s', async (classNames, message) => {
  const digest = await modelDigest(folder);
  await expect(openTeacher({ teacher: folder, digest }, classNames)).rejects.toThrow(message);
});

it('refuses a folder that has changed', async () => {
  await expect(openTeacher({ teacher: folder, digest: 'other' }, ['cat', 'dog'])).rejects.toThrow(
    /is not the one that the run began with/,
  );
});
