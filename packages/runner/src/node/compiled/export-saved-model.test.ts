// @module-tag native-engine
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@fixres/engine';
import { openSavedModel } from '@fixres/engine/graph';
import { resNet14V2 } from '@fixres/models';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { expect, it, onTestFinished } from 'vitest';
import { exportSavedModel } from './export-saved-model.ts';

it('writes a SavedModel that computes the same as the model, for any number of images', async () => {
  await useEngine({ engine: 'tensorflow' });
  const folder = mkdtempSync(join(tmpdir(), 'fixres-export-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  const models = {
    resnet: resNet14V2({
      classes: 3,
      width: 8,
      rescaling: { scale: 1 / 127.5, offset: -1 },
      seed: 1,
    }),
    flattened: sequential({
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [32, 32, 3] }),
        layers.flatten(),
        layers.dense({ units: 3 }),
        layers.softmax({}),
      ],
    }),
  };
  for (const [name, model] of Object.entries(models)) {
    await exportSavedModel(model, join(folder, name), { size: 32 });
    const loaded = await openSavedModel(join(folder, name));
    for (const images of [1, 2, 5]) {
      tf.tidy(() => {
        const x = tf.randomUniform([images, 32, 32, 3], 0, 255, 'float32', images);
        const { output } = loaded.run({ images: x }) as { output: tf.Tensor };
        const expected = model.predict(x) as tf.Tensor;
        expect(output.shape).toEqual([images, 3]);
        expect(tf.max(tf.abs(tf.sub(output, expected))).dataSync()[0]).toBeLessThan(1e-5);
      });
    }
    loaded.dispose();
    model.dispose();
  }
});
