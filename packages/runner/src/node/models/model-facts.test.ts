import { join } from 'node:path';
import { saveModelFolder } from '@fixres/models/node';
import { temporaryFolder } from '@fixres/testing';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { expect, it } from 'vitest';
import { modelFacts } from './model-facts.ts';

it.each([
  [null, true],
  [8, false],
] as const)(
  'reads whether a model with the input side %s takes images of any size',
  async (side, any) => {
    await tf.setBackend('cpu');
    const folder = join(await temporaryFolder(), 'model');
    const model = sequential({
      layers: [
        layers.conv2d({ filters: 1, kernelSize: 1, inputShape: [side, side, 3] }),
        layers.globalAveragePooling2d({}),
        layers.dense({ units: 2 }),
      ],
    });
    await saveModelFolder(model, folder, { version: 1 });
    model.dispose();
    expect((await modelFacts(folder)).takesAnySize).toBe(any);
  },
);
