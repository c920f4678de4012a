import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { endsInSigmoid, readKerasWeights, recogniseModel } from '@fixres/models';
import { expect, it } from 'vitest';
import type { ImportKerasOptions } from './import-keras-options.ts';
import { recognisedModel } from './named-model.ts';

const fixture = new URL(
  '../../../../packages/models/test/fixtures/keras-import/size-100.keras.gz',
  import.meta.url,
);

const file = (): ReturnType<typeof readKerasWeights> =>
  readKerasWeights(Uint8Array.from(gunzipSync(readFileSync(fixture))), { name: 'size-100.keras' });

it('ends in a sigmoid if images have several labels', async () => {
  await tf.setBackend('cpu');
  const weights = await file();
  const options = { newClassifier: true, multiLabel: true } as ImportKerasOptions;
  const recognised = recogniseModel(weights, { newClassifier: true, multiLabel: true });
  const terminal = { line: () => undefined } as never;
  const made = recognisedModel(recognised, weights, options, 3, terminal);
  expect([endsInSigmoid(made.model), made.isMultiLabel]).toEqual([true, true]);
  expect(made.architecture?.options).toMatchObject({ classifierActivation: 'sigmoid' });
  made.model.dispose();
});

it('scales images as keras.applications does where the file does not', async () => {
  await tf.setBackend('cpu');
  const weights = await file();
  const { options, ...recognised } = recogniseModel(weights);
  const { rescaling, ...unscaled } = options;
  expect(rescaling).toBeDefined();
  const lines: string[] = [];
  const take = (scaling?: 'zero-one') => {
    const terminal = { line: (text: string) => lines.push(text) } as never;
    const given = { ...recognised, options: unscaled };
    const made = recognisedModel(
      given,
      weights,
      { ...(scaling && { scaling }) } as ImportKerasOptions,
      undefined,
      terminal,
    );
    made.model.dispose();
    return made.facts;
  };
  expect(take()).toMatchObject({ rescaling: { scale: 1 / 127.5, offset: -1 } });
  expect(lines).toEqual([
    'Images are scaled as preprocess_input of keras.applications does for mobilenetv2_0.06_100: plus-minus-one. --scaling changes this.',
  ]);
  expect(take('zero-one')).toMatchObject({ rescaling: { scale: 1 / 255, offset: 0 } });
  expect(lines).toHaveLength(1);
});
