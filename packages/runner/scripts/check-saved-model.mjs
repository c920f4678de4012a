// Exports a model as a SavedModel and runs both of its signatures in Python: `node
// scripts/check-saved-model.mjs python3` (a Python with tensorflow). Prints the largest differences:
// of an output for the same images, and of a probability for the bytes of the sample photos. Exits
// with 1 if the first exceeds rounding, or the second what one level changes.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  contractPolicy,
  createRandom,
  drawingOf,
  drawPixels,
  namedPolicy,
  normalisePixels,
  preprocessingContract,
} from '@fixres/data';
import { decodeImage } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import { resNet50V2 } from '@fixres/models';
import { exportSavedModel } from '@fixres/runner/node';
import { samplePhotos } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';

const python = process.argv[2] ?? 'python3';
const program = `
import json, sys, numpy, tensorflow as tf
folder = sys.argv[1]
signatures = tf.saved_model.load(folder + '/model').signatures
run = signatures['serving_default']
given = json.load(open(folder + '/given.json'))
images = numpy.array(given['images'], 'float32').reshape(given['shape'])
output = run(images=tf.constant(images))['output'].numpy()
one = run(images=tf.constant(images[:1]))['output'].numpy()
expected = numpy.array(given['output']).reshape(output.shape)
files = tf.constant([open(file, 'rb').read() for file in given['files']])
served = signatures['serving_bytes'](image_bytes=files)['output'].numpy()
photos = numpy.array(given['photos']).reshape(served.shape)
print(max(abs(output - expected).max(), abs(one - expected[:1]).max()), abs(served - photos).max())
`;

const size = 64;
/** TensorFlow reads WebP in another way, and converts neither CMYK nor a wide gamut as libvips does. */
const others = /\.webp$|goldfish|chenonceau/;

await useEngine({ engine: 'tensorflow' });
const folder = mkdtempSync(join(tmpdir(), 'fixres-saved-model-'));
try {
  const model = resNet50V2({ classes: 5, rescaling: { scale: 1 / 127.5, offset: -1 }, seed: 1 });
  const contract = preprocessingContract(namedPolicy('shortSideCrop', { size, trainSize: size }), {
    normalisation: { kind: 'scale', scale: 1, offset: 0 },
  });
  await exportSavedModel(model, join(folder, 'model'), { contract, preprocessing: 'bytes' });
  const images = tf.randomUniform([3, size, size, 3], 0, 255, 'float32', 1);
  const output = model.predict(images);
  const files = readdirSync(samplePhotos, { recursive: true })
    .filter((file) => file.includes('.') && !others.test(file))
    .map((file) => join(samplePhotos, file));
  const prepared = await Promise.all(
    files.map(async (file) => {
      const image = await decodeImage(readFileSync(file), file);
      const levels = new Uint8Array(size * size * 3);
      drawPixels(image, drawingOf(contractPolicy(contract), image, createRandom(0)), levels);
      return tf.tensor(normalisePixels(levels, contract), [size, size, 3]);
    }),
  );
  const photos = model.predict(tf.stack(prepared));
  writeFileSync(
    join(folder, 'given.json'),
    JSON.stringify({
      shape: images.shape,
      images: Array.from(images.dataSync()),
      output: Array.from(output.dataSync()),
      files,
      photos: Array.from(photos.dataSync()),
    }),
  );
  const printed = execFileSync(python, ['-c', program, folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  console.log(`${files.length} photos:`, printed.trim());
  const [same, bytes] = printed.split(' ').map(Number);
  process.exitCode = same < 1e-5 && bytes < 1e-3 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
