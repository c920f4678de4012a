import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { syntheticFlowers } from '@fixres/data/node';
import { shortProcessOptions } from '@fixres/testing';
import { expect, it, onTestFinished } from 'vitest';

it('own-photos trains, fine-tunes and saves both models', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-example-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const photos = await syntheticFlowers({ folder, images: 120 });
  const program = fileURLToPath(new URL('../dist/own-photos.js', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    ...shortProcessOptions,
    program,
    photos,
    join(folder, 'model'),
    '32',
    '48',
    '2',
  ]);
  expect(stdout).toMatch(/^5 classes, 108 training photos, on (native TensorFlow|wasm)/);
  expect(stdout).toMatch(/small epoch 2: loss \d/);
  expect(stdout).toMatch(/fixres: \d+\.\d % \(95 % interval \d+\.\d to \d+\.\d\)/);
  expect(stdout).toMatch(/fixres against small: (better|worse|not distinguishable)\n$/);
  for (const arm of ['small', 'fixres'])
    expect((await readdir(join(folder, 'model', arm))).sort()).toEqual([
      'model.json',
      'weights.bin',
    ]);
});
