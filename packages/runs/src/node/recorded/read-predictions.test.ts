import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { predictionsFile, readPredictions } from './read-predictions.ts';

it('readPredictions finds predictions by their current and by their earlier file name', async () => {
  const run = await mkdtemp(join(tmpdir(), 'fixres-predictions-'));
  onTestFinished(() => rm(run, { recursive: true }));
  await mkdir(join(run, 'predictions'));
  const of = { arm: 'train64-resize@80-classifier', seed: 3, evaluation: 'after-seed1-crop@80' };
  expect(basename(predictionsFile(run, of))).toBe(
    'train64-resize@80-classifier-seed3-%after-seed1-crop@80.jsonl',
  );
  expect(await readPredictions(run, of, ['a', 'b'])).toBeUndefined();
  for (const name of [
    'train64-resize@80-classifier-seed3-after-seed1-crop@80.jsonl',
    'train64-resize@80-classifier-seed3-%after-seed1-crop@80.jsonl',
  ]) {
    await writeFile(
      join(run, 'predictions', name),
      `{"file":"${name}","label":"a","probabilities":[0.75,0.25]}\n`,
    );
    expect((await readPredictions(run, of, ['a', 'b']))?.files).toEqual([name]);
  }
});
