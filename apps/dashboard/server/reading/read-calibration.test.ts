import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { armMetrics } from '@fixres/runs';
import { readPredictions } from '@fixres/runs/node';
import { expect, it } from 'vitest';
import type { CalibrationAnswer } from '../../shared/protocol.ts';
import { temporaryFolder } from '../../test/make-run.ts';
import { readCalibration } from './read-calibration.ts';
import { Turns } from './turns.ts';

const classes = ['aster', 'daisy', 'tulip'];
const of = { arm: 'small', seed: 0, evaluation: 'resize@64' };
const limits = { maxImages: 100, maxProbabilities: 300 };

/** Writes lines as the predictions of a run. @returns the run, and its calibration */
async function described(
  lines: readonly string[],
  given = limits,
): Promise<{ run: string; answer: CalibrationAnswer }> {
  const run = await temporaryFolder();
  await mkdir(join(run, 'predictions'));
  const file = join(run, 'predictions', 'small-seed0-resize@64.jsonl');
  await writeFile(file, lines.join('\n'));
  const handle = await open(file);
  try {
    return { run, answer: await readCalibration(handle, classes, new Turns(), given) };
  } finally {
    await handle.close();
  }
}

/** Overconfident: 95 % sure, of which 3 of 4 are right. */
const rows = Array.from({ length: 40 }, (_, i) =>
  JSON.stringify({
    file: `${i}.jpg`,
    label: classes[i % 4 === 0 ? 1 : 0],
    probabilities: i % 2 === 0 ? [0.95, 0.03, 0.02] : [0.5, 0.3, 0.2],
  }),
);

it('has the bins of the file, and the errors and the temperature of the report', async () => {
  const { run, answer } = await described([...rows, '{"file":']);
  expect(answer).toMatchObject({ images: 40, isPart: false, damaged: 1 });
  const { bins, ...calibration } = answer.calibration!;
  // 20 images with 95 % confidence, of which 10 are right, and 20 with 50 %, which are all right.
  expect(bins.filter(({ images }) => images > 0)).toEqual([
    { low: 7 / 15, high: 8 / 15, images: 20, confidence: 0.5, accuracy: 1 },
    {
      low: 14 / 15,
      high: 1,
      images: 20,
      confidence: expect.closeTo(0.95, 6) as number,
      accuracy: 0.5,
    },
  ]);
  expect(calibration.asTrained.ece).toBeCloseTo((0.5 + 0.45) / 2, 6);
  const recorded = await readPredictions(run, of, classes);
  expect(calibration).toEqual(armMetrics('small', [recorded!]).temperatureScaling);
});

it('is that of the first images of a large file', async () => {
  const { answer } = await described(rows, { maxImages: 30, maxProbabilities: 75 });
  expect(answer).toMatchObject({ images: 25, isPart: true, calibration: { images: 25 } });
  expect((await described(rows, { maxImages: 40, maxProbabilities: 120 })).answer.isPart).toBe(
    false,
  );
});

it('is missing without images, and for images with several labels', async () => {
  const several = JSON.stringify({
    file: 'a',
    labels: ['aster'],
    exact: true,
    probabilities: [1, 0, 0],
  });
  for (const lines of [[], ['no'], [several]])
    expect((await described(lines)).answer.calibration).toBeNull();
});
