import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Summary } from '@fixres/runs';
import sharp from 'sharp';
import { expect } from 'vitest';

/** A fine-tuning with cached features, of two views of each image. */
const tuned = {
  initFrom: 'base',
  trainPolicy: { policy: 'shortSideCrop', size: 48, flip: true },
  testPolicy: { policy: 'shortSideCrop', size: 48 },
  epochs: 2,
  learningRate: 0.01,
};

/** The content of an experiment file. */
interface WrittenExperiment {
  arms: readonly { name: string; [setting: string]: unknown }[];
  [setting: string]: unknown;
}

/**
 * As small as possible, because many tests run it. Has everything with a state: momentum, an average, a schedule, smoothed
 * labels, the best epoch, cached features.
 */
export const tinyExperiment: WrittenExperiment = {
  version: 1,
  dataset: 'photos',
  model: { name: 'resnet14v2', width: 4 },
  arms: [
    {
      name: 'base',
      trainPolicy: { policy: 'sampledBoundingBoxCrop', size: 32 },
      testPolicy: { policy: 'resize', size: 32 },
      epochs: 2,
      schedule: { type: 'cosine', rate: 0.05, warmUp: { epochs: 1 } },
      optimizer: { type: 'sgd', momentum: 0.9, weightDecay: { rate: 1e-4, kind: 'l2' } },
      ema: { momentum: 0.9 },
      labelSmoothing: 0.1,
    },
    {
      name: 'tuned',
      ...tuned,
      freeze: 'classifier+last-bn-stats',
      earlyStopping: { patience: 2, monitor: 'loss' },
    },
    // Uses the cached features of the previous arm, unless the process was killed in between.
    { name: 'stats', ...tuned, freeze: 'classifier+last-bn' },
  ],
  // The last batch of an epoch is smaller.
  batchSize: 6,
  deterministic: true,
};

/** Writes the 16 images of {@link tinyExperiment} to a folder, or another number per class. */
export async function writeTinyPhotos(folder: string, perClass = 8): Promise<void> {
  for (const [i, name] of ['a', 'b'].entries()) {
    await mkdir(join(folder, 'photos', name), { recursive: true });
    for (let n = 0; n < perClass; n++) {
      const background = { r: 90 * i + 5 * n, g: 120, b: 200 - 9 * n };
      await sharp({ create: { width: 40 + n, height: 36, channels: 3, background } })
        .png()
        .toFile(join(folder, 'photos', name, `${n}.png`));
    }
  }
}

/** Writes an experiment file. @returns its path */
export async function writeExperiment(
  folder: string,
  name: string,
  experiment: object,
): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  // JSON is valid YAML.
  await writeFile(file, JSON.stringify(experiment));
  return file;
}

/**
 * The results of {@link tinyExperiment} that must be reproduced exactly: weights and predictions,
 * bit for bit; and accuracies.
 */
export async function resultsOf(run: string): Promise<Record<string, string>> {
  const files = (await readdir(run, { recursive: true }))
    .filter((name) => /weights\.(bin|safetensors)$|\.jsonl$/.test(name) && name !== 'events.jsonl')
    .sort();
  const { arms } = JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')) as Summary;
  // For each arm the weights, those of the best epoch, and predictions under two policies.
  expect(files).toHaveLength(4 * arms.length);
  const sums: Record<string, string> = {};
  for (const name of files)
    sums[name] = createHash('sha256')
      .update(await readFile(join(run, name)))
      .digest('hex');
  const curves = arms.map(({ name, curves: [curve], evaluations }) => ({
    name,
    evaluations,
    curve: curve!.epochs.map(({ loss, accuracy, heldOutAccuracy }) => [
      loss,
      accuracy,
      heldOutAccuracy,
    ]),
  }));
  return { ...sums, curves: JSON.stringify(curves) };
}
