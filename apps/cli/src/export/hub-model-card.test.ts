import { inputScalings, namedPolicy, preprocessingContract } from '@fixres/data';
import { pooledAccuracy } from '@fixres/runs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ExportCertificate } from './certificate/certificate.ts';
import { hubModelCard } from './hub-model-card.ts';

const { normalisation } = inputScalings['plus-minus-one'];
const contract = preprocessingContract(namedPolicy('resize', { size: 64 }), { normalisation });

/** The results of 100 images: 57 correct at 64 pixels, 60 at 80. */
const evaluations = [57, 60].map((correct, i) => ({
  policy: 'resize',
  size: 64 + 16 * i,
  ...pooledAccuracy([Uint8Array.from({ length: 100 }, (_, image) => (image < correct ? 1 : 0))]),
}));

const trained = {
  dataset: 'My Photos: 2',
  images: { train: 1200, heldOut: 100 },
  arm: { name: 'fixres', evaluations, ownEvaluation: 1 },
  seeds: 1,
};

const certificate: ExportCertificate = {
  version: 1,
  format: 'tflite',
  exported: {
    files: ['model.tflite'],
    input: 'prepared',
    layout: 'NHWC',
    precision: 'float16',
    output: 'probabilities',
    bytes: 1_234_567,
    sha256: '',
  },
  model: { path: '../flowers', arm: 'fixres', seed: 0 },
  images: null,
  verification: { verdict: 'not verified', reason: 'no images are given' },
};

function metadataOf(card: string): Record<string, unknown> {
  const [, yaml] = /^---\n(.*?)\n---\n/s.exec(card)!;
  return parse(yaml!) as Record<string, unknown>;
}

it('states the accuracy of each size with its interval', () => {
  const card = hubModelCard({
    format: 'tflite',
    name: 'flowers',
    classNames: ['a "quoted" one', 'b_c', 'd\n# e'],
    contract,
    trained,
    certificate,
  });
  expect(metadataOf(card)).toEqual({
    license: 'unknown',
    library_name: 'fixres',
    pipeline_tag: 'image-classification',
    tags: ['image-classification', 'fixres', 'tflite'],
    metrics: ['accuracy'],
    'model-index': [
      {
        name: 'flowers',
        results: [
          {
            task: { type: 'image-classification', name: 'Image Classification' },
            dataset: { type: 'my-photos-2', name: 'My Photos: 2' },
            metrics: [
              { type: 'accuracy', name: 'top-1 at 64 pixels, resize', value: 0.57 },
              { type: 'accuracy', name: 'top-1 at 80 pixels, resize', value: 0.6 },
            ],
          },
        ],
      },
    ],
  });
  // Wilson's interval of 60 of 100.
  expect(card).toContain('| 80 | resize (its own) | 60.00 % | 50.20 to 69.06 | 100 |');
  expect(card).toContain(
    'Data of the run: My Photos: 2, 1,200 images to train on and 100 held out.\n\nEnter what',
  );
  expect(card).toContain('3 classes: a "quoted" one, b\\_c, d \\# e.');
  expect(card).toContain('The model takes images of 64 x 64 pixels as float32, NHWC.');
  expect(card).toContain(
    '## Export\n\n```\nmodel.tflite: 1.2 MB, float16\nNot verified: no images are given.\n```\n',
  );
});

it('leaves out what is not known, and long lists of classes', () => {
  const card = hubModelCard({
    format: 'keras',
    name: 'model',
    classNames: Array.from({ length: 25 }, (_, i) => `c${i}`),
    contract: undefined,
    certificate,
  });
  expect(metadataOf(card)).toMatchObject({ library_name: 'keras' });
  expect(metadataOf(card)).not.toHaveProperty('model-index');
  expect(card).toContain('c19, and 5 more in `fixres.json`.');
  expect(card).not.toMatch(/## (Accuracy|Preprocessing)|Data of the run/);
});

it.each([
  ['bytes', 'The model takes JPEG and PNG files, and decodes'],
  ['levels', 'The model takes decoded images of any size, as uint8'],
  ['resized', 'The model takes levels from 0 to 255, 64 x 64 pixels, and normalises them itself.'],
] as const)('states the preprocessing of a model that takes %s', (input, sentence) => {
  const card = hubModelCard({
    format: 'tflite',
    name: 'model',
    classNames: undefined,
    contract,
    certificate: { ...certificate, exported: { ...certificate.exported, input } },
  });
  expect(card).toContain(`## Preprocessing\n\n${sentence}`);
});

it.each([
  [undefined, false],
  [7, false],
  [8, true],
] as const)('states where kernels of %s bits overflow: %s', (kernelBits, stated) => {
  const card = hubModelCard({
    format: 'onnx',
    name: 'model',
    classNames: undefined,
    contract: undefined,
    certificate: {
      ...certificate,
      exported: { ...certificate.exported, precision: 'int8', ...(kernelBits && { kernelBits }) },
    },
  });
  expect(card.includes('session.x64quantprecision')).toBe(stated);
});

it.each([
  ['Фото', 'custom'],
  ['(My photos) é', 'my-photos'],
])('the data set "%s" has the type %s', (dataset, type) => {
  const card = hubModelCard({
    format: 'keras',
    name: 'photos',
    classNames: undefined,
    contract: undefined,
    trained: { ...trained, dataset },
    certificate,
  });
  expect(metadataOf(card)).toMatchObject({
    'model-index': [{ results: [{ dataset: { type, name: dataset } }] }],
  });
});
