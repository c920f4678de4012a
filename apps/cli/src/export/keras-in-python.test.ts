import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { useEngine } from '@fixres/engine';
import { createModel, writeKerasArchive } from '@fixres/models';
import { temporaryFolder } from '@fixres/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { openInKeras } from './keras-in-python.ts';

/** A stand-in for Keras, for a Python that may have none: its answers depend on every number. */
const standIn = {
  'keras.py': `
class saving:
    def load_model(file, compile):
        print("a library that prints")
        if "missing" in file:
            raise ValueError("File not found: " + file + "\\nwith more lines")
        return lambda images, training: [sum(images), len(images)]
class ops:
    def convert_to_numpy(output):
        return output
__version__ = VERSION
`,
  'numpy.py': `
import struct
class Numbers(list):
    def reshape(self, sides):
        return Numbers(self + list(sides))
    def tobytes(self):
        return struct.pack("<%df" % len(self), *self)
def frombuffer(data, kind, offset):
    return Numbers(struct.unpack("<%df" % ((len(data) - offset) // 4), data[offset:]))
def ascontiguousarray(output, kind):
    return Numbers(output)
`,
};

/** A folder of Python packages with a Keras of this version. */
async function packages(version: string): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, code] of Object.entries(standIn))
    await writeFile(join(folder, name), code.replace('VERSION', JSON.stringify(version)));
  return folder;
}

it('runs batches in the Keras of the Python that is found', { tags: 'python3' }, async () => {
  vi.stubEnv('PYTHONPATH', await packages('3.15.1'));
  const opened = await openInKeras('model.keras', ['no-python', 'python3']);
  if (typeof opened === 'string') throw new Error(opened);
  expect(opened.runtime).toEqual({ name: 'Keras', version: '3.15.1' });
  // The stand-in returns the sum and the number of all numbers and sides.
  const values = Float32Array.of(0.5, 0.25, 4);
  expect(await opened.run({ values, dims: [1, 1, 1, 3] })).toEqual(Float32Array.of(10.75, 7));
  expect(await opened.run({ values: new Float32Array(300_000), dims: [10, 100, 100, 3] })).toEqual(
    Float32Array.of(213, 300_004),
  );
  await opened.close();
  await expect(opened.run({ values, dims: [1, 1, 1, 3] })).rejects.toThrow('Python ended');
});

it('states why a file cannot be opened', { tags: 'python3' }, async () => {
  expect(await openInKeras('model.keras', ['no-python', 'nor-this'])).toBe(
    'no no-python or nor-this can be started',
  );
  vi.stubEnv('PYTHONPATH', await packages('2.12.0'));
  expect(await openInKeras('model.keras')).toBe('Python has Keras 2.12.0; needed is 3');
  vi.stubEnv('PYTHONPATH', await packages('3.15.1'));
  expect(await openInKeras('missing.keras')).toBe(
    'Keras 3.15.1 cannot open it: File not found: missing.keras',
  );
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'keras'));
  await writeFile(join(folder, 'keras/__init__.py'), 'raise ImportError("no backend")');
  vi.stubEnv('PYTHONPATH', folder);
  expect(await openInKeras('model.keras')).toMatch(/^Python 3[.\d]+ has no Keras: no backend$/);
  await writeFile(join(folder, 'keras/__init__.py'), 'import os; os._exit(3)');
  expect(await openInKeras('model.keras')).toBe(
    'Python ended while it opened the model with Keras',
  );
});

it('predicts in Keras as fixres does', { tags: 'python-keras' }, async () => {
  await useEngine({ engine: 'wasm' });
  const model = createModel('resnet14v2', { classes: 5, width: 4 });
  const file = join(await temporaryFolder(), 'model.keras');
  await writeFile(
    file,
    await writeKerasArchive(model, { preprocessing: { scale: 1 / 127.5, offset: -1 } }),
  );
  const dims = [2, 32, 32, 3];
  const images = tf.randomUniform(dims, 0, 255, 'float32', 1);
  const expected = tf.tidy(() =>
    (model.predict(tf.sub(tf.div(images, 127.5), 1)) as tf.Tensor).dataSync<'float32'>(),
  );
  const opened = await openInKeras(file, [process.env.FIXRES_PYTHON_KERAS!]);
  if (typeof opened === 'string') throw new Error(opened);
  const output = await opened.run({ values: await images.data<'float32'>(), dims });
  await opened.close();
  expect(output.length).toBe(expected.length);
  for (const [i, value] of output.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  images.dispose();
  model.dispose();
});
