// Exports a model as a SavedModel and runs it in Python: `node scripts/check-saved-model.mjs
// python3` (a Python with tensorflow). Prints the largest difference; exits with 1 if it exceeds
// rounding.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useEngine } from '@fixres/engine';
import { resNet50V2 } from '@fixres/models';
import { exportSavedModel } from '@fixres/runner/node';
import * as tf from '@tensorflow/tfjs-core';

const python = process.argv[2] ?? 'python3';
const program = `
import json, sys, numpy, tensorflow as tf
folder = sys.argv[1]
run = tf.saved_model.load(folder + '/model').signatures['serving_default']
given = json.load(open(folder + '/given.json'))
images = numpy.array(given['images'], 'float32').reshape(given['shape'])
output = run(images=tf.constant(images))['output'].numpy()
one = run(images=tf.constant(images[:1]))['output'].numpy()
expected = numpy.array(given['output']).reshape(output.shape)
print(max(abs(output - expected).max(), abs(one - expected[:1]).max()))
`;

await useEngine({ engine: 'tensorflow' });
const folder = mkdtempSync(join(tmpdir(), 'fixres-saved-model-'));
try {
  const model = resNet50V2({ classes: 5, rescaling: { scale: 1 / 127.5, offset: -1 }, seed: 1 });
  await exportSavedModel(model, join(folder, 'model'), { size: 64 });
  const images = tf.randomUniform([3, 64, 64, 3], 0, 255, 'float32', 1);
  const output = model.predict(images);
  writeFileSync(
    join(folder, 'given.json'),
    JSON.stringify({
      shape: images.shape,
      images: Array.from(images.dataSync()),
      output: Array.from(output.dataSync()),
    }),
  );
  const difference = Number(
    execFileSync(python, ['-c', program, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  );
  console.log(difference);
  process.exitCode = difference < 1e-5 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
