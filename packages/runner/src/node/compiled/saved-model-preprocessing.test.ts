// @module-tag native-engine
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  inputScalings,
  namedPolicy,
  type Policy,
  type PreprocessingContract,
  preprocessingContract,
  toPlusMinusOne,
} from '@fixres/data';
import { decodeImage } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { openSavedModel } from '@fixres/engine/graph';
import { samplePhotos } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { layers, type LayersModel, sequential } from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { bordered, levelDifferences, unchanged } from '../../../test/prepared-levels.ts';
import { exportSavedModel } from './export-saved-model.ts';

beforeAll(() => useEngine({ engine: 'tensorflow' }));

/** What a signature returns. */
async function run(
  classifier: LayersModel,
  contract: PreprocessingContract,
  preprocessing: 'levels' | 'bytes',
  given: () => tf.Tensor,
): Promise<{ data: Float32Array; shape: number[] }> {
  const above = await mkdtemp(join(tmpdir(), 'fixres-saved-model-'));
  onTestFinished(() => rm(above, { recursive: true }));
  const folder = join(above, 'model');
  await exportSavedModel(classifier, folder, { contract, preprocessing });
  const opened = await openSavedModel(folder, `serving_${preprocessing}`);
  try {
    return tf.tidy(() => {
      const argument = preprocessing === 'bytes' ? 'image_bytes' : 'levels';
      const { output } = opened.run({ [argument]: given() }) as { output: tf.Tensor };
      return { data: output.dataSync() as Float32Array, shape: output.shape };
    });
  } finally {
    opened.dispose();
  }
}

const bicubic: Policy = {
  version: 1,
  name: 'bicubic',
  output: { width: 64, height: 48 },
  steps: [{ op: 'resize', width: 64, height: 48, interpolation: 'bicubic', antialias: false }],
};
const sizes = { size: 64, trainSize: 48 };
const policies = [
  ...['resize', 'fixresTest'].map((name) => namedPolicy(name, sizes)),
  ...['shortSideCrop', 'timmEval-border'].map((name) =>
    namedPolicy(name, { size: { height: 48, width: 72 } }),
  ),
  bicubic,
  bordered,
];

describe('a signature that prepares images', () => {
  it.each(policies.map((policy) => [policy.name, policy] as const))(
    '%s gives the levels of drawPixels, to one level',
    async (_, policy) => {
      for (const [photo, scaling, layout, decode] of [
        // Orientations 8 and 3, no orientation.
        ['monuments/petra.jpg', 'plus-minus-one', 'NHWC', 'accurate'],
        ['fish/wrasse.jpg', 'caffe', 'NHWC', 'accurate'],
        ['monuments/colosseum.jpg', 'torch', 'NCHW', 'tensorflow'],
      ] as const) {
        const bytes = await readFile(join(samplePhotos, photo));
        const image = await decodeImage(bytes, photo, { decode });
        const { normalisation, channelOrder } = inputScalings[scaling];
        const options = { normalisation, channelOrder, layout, decode };
        const contract = preprocessingContract(policy, options);
        const { height, width } = contract.input;
        const shape = layout === 'NHWC' ? [height, width, 3] : [3, height, width];
        for (const preprocessing of ['levels', 'bytes'] as const) {
          const { data, shape: found } = await run(unchanged(shape), contract, preprocessing, () =>
            preprocessing === 'bytes'
              ? tf.tensor1d([bytes], 'string')
              : tf.tensor(image.data, [1, image.height, image.width, 3], 'int32'),
          );
          expect(found).toEqual([1, ...shape]);
          const levels = levelDifferences(image, contract, data);
          expect(Math.max(...levels)).toBeLessThan(1.05);
          // A wrong border or grid changes far more of them.
          expect(levels.filter((level) => level > 0.5).length / levels.length).toBeLessThan(0.01);
        }
      }
    },
  );

  it('takes photos of several sizes and formats, turned by every EXIF orientation', async () => {
    const contract = preprocessingContract(namedPolicy('shortSideCrop', sizes), {
      normalisation: toPlusMinusOne,
    });
    const photos = ['fish/clownfish.png', 'monuments/hawa-mahal.png', 'fish/perch.jpg'];
    const turned = await readFile(join(samplePhotos, 'monuments/petra.jpg'));
    // A big-endian short, the last value of the only entry.
    const at = turned.indexOf(Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0])) + 9;
    expect(turned[at]).toBe(8);
    const files = [
      ...(await Promise.all(photos.map((photo) => readFile(join(samplePhotos, photo))))),
      ...Array.from({ length: 9 }, (_, orientation) => {
        const file = Buffer.from(turned);
        // 0 is no orientation.
        file[at] = orientation;
        return file;
      }),
    ];
    const { data, shape } = await run(unchanged([64, 64, 3]), contract, 'bytes', () =>
      tf.tensor1d(files, 'string'),
    );
    expect(shape).toEqual([files.length, 64, 64, 3]);
    const area = 64 * 64 * 3;
    for (const [i, file] of files.entries()) {
      const image = await decodeImage(file, String(i));
      const levels = levelDifferences(image, contract, data.subarray(i * area, (i + 1) * area));
      expect(Math.max(...levels)).toBeLessThan(1.05);
    }
  });

  it('returns probabilities, and leaves serving_default as it is', async () => {
    const contract = preprocessingContract(namedPolicy('resize', { size: 8, trainSize: 8 }), {
      normalisation: toPlusMinusOne,
    });
    const logits = sequential({
      layers: [layers.flatten({ inputShape: [8, 8, 3] }), layers.dense({ units: 3 })],
    });
    const levels = tf.randomUniform([2, 8, 8, 3], 0, 255, 'int32', 1);
    const prepared = tf.sub(tf.mul(levels, 1 / 127.5), 1);
    const own = logits.predict(prepared) as tf.Tensor;
    const { data } = await run(logits, contract, 'levels', () => levels.clone());
    const expected = await tf.softmax(own).data();
    for (const [i, value] of expected.entries()) expect(data[i]).toBeCloseTo(value, 5);
    const folder = await mkdtemp(join(tmpdir(), 'fixres-saved-model-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await exportSavedModel(logits, join(folder, 'model'), { contract, preprocessing: 'bytes' });
    const opened = await openSavedModel(join(folder, 'model'));
    const { output } = opened.run({ images: prepared }) as { output: tf.Tensor };
    opened.dispose();
    expect(tf.max(tf.abs(tf.sub(output, own))).dataSync()[0]).toBeLessThan(1e-5);
  });

  it('refuses a filter that only libvips defines, and a model without a contract', async () => {
    const policy: Policy = {
      ...bicubic,
      steps: [{ op: 'resize', width: 64, height: 48, interpolation: 'lanczos3', antialias: true }],
    };
    const contract = preprocessingContract(policy, { normalisation: toPlusMinusOne });
    const refused = (options: Parameters<typeof exportSavedModel>[2]): Promise<void> =>
      exportSavedModel(unchanged([48, 64, 3]), join(tmpdir(), 'unwritten'), options);
    await expect(refused({ contract, preprocessing: 'levels' })).rejects.toThrow(
      'Option --with-preprocessing does not support interpolation lanczos3 of the contract; allowed are bilinear, bicubic.',
    );
    await expect(refused({ preprocessing: 'bytes' })).rejects.toThrow(
      'Option --with-decoder needs a model that states its preprocessing; this one has no contract.',
    );
  });
});
