import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { runCli, suiteFolder } from './run-cli.ts';
import { tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = await suiteFolder();
  await writeTinyPhotos(folder);
  file = await writeExperiment(folder, 'experiment', { ...tinyExperiment, deterministic: false });
});

/** What `bench --json` prints, as far as it is compared. */
interface Measured {
  engine: { name: string };
  images: { dataset: string; train: number; heldOut: number; thresholds: number; sizes: number };
  parts: { kind: string; size: number; secondsPerImage: { mean: number } }[];
  imageCache: { fits: boolean; onDisk: boolean };
  featuresMb: number;
  estimate: {
    seconds: number;
    checkSeconds: number;
    arms: {
      name: string;
      seconds: number;
      work: { kind: string; size: number; images: number }[];
    }[];
  };
  cpu: { cores: number };
  limits: string[];
  advice: string[];
}

it('measures the experiment of a file, estimates it for any number of images, and writes no run folder', async () => {
  const diskCache = join(folder, 'cache');
  await mkdir(diskCache);
  const before = await readdir(folder);
  const { code, stdout, stderr } = await runCli(
    [
      'bench',
      file,
      '--engine',
      'wasm',
      '--seconds',
      '1',
      '--images',
      '1600',
      '--json',
      '--disk-cache',
      diskCache,
    ],
    { cwd: folder },
  );
  expect({ code, errors: /error|warning/i.exec(stderr) }).toEqual({ code: 0, errors: null });
  expect(await readdir(folder)).toEqual(before);
  const measured = JSON.parse(stdout) as Measured;
  expect(measured).toMatchObject({
    engine: { name: 'wasm' },
    // The data set has 16 images, of which 2 are held out.
    images: { dataset: 'photos', train: 1400, heldOut: 200 },
    imageCache: { fits: true, onDisk: true },
    // Per image, two views to train on; at least one number of four bytes each.
    featuresMb: expect.toSatisfy((mb: number) => mb > (1400 * 2 * 4) / 1e6) as number,
  });
  expect(measured.parts.map(({ kind, size }) => `${kind} ${size}`)).toEqual([
    'evaluate 32',
    'evaluate 48',
    'train 32',
    'features 48',
    'head 48',
  ]);
  const { arms, seconds, checkSeconds } = measured.estimate;
  expect(arms.map(({ name }) => name)).toEqual(['base', 'tuned', 'stats']);
  // Two epochs of 1400 images are in it.
  expect(arms[0]!.seconds).toBeGreaterThan(2800 * measured.parts[2]!.secondsPerImage.mean);
  expect(seconds).toBeCloseTo(
    arms.reduce((sum, arm) => sum + arm.seconds, checkSeconds),
    6,
  );
  expect(measured.limits).toHaveLength(2);
});

it('does not count held-back images as training images, and estimates the choice of a size on them', async () => {
  const [base, tuned] = tinyExperiment.arms;
  const measuring = await writeExperiment(folder, 'measured', {
    ...tinyExperiment,
    dataset: { source: 'photos', holdBack: 0.25 },
    arms: [
      base!,
      { ...tuned!, testPolicy: { policy: 'shortSideCrop', size: { measured: [32, 40, 56, 64] } } },
    ],
    deterministic: false,
  });
  const { stdout } = await runCli(
    [...['bench', measuring, '--engine', 'wasm', '--seconds', '1', '--images', '1600'], '--json'],
    { cwd: folder },
  );
  const { images, estimate } = JSON.parse(stdout) as Measured;
  // Of 16 images 2 are held out, and a quarter of the other 14 is 4.
  expect(images).toEqual({
    dataset: 'photos',
    train: 1000,
    heldOut: 200,
    thresholds: 0,
    sizes: 400,
  });
  const { work } = estimate.arms[0]!;
  expect(work.find(({ kind }) => kind === 'train')!.images).toBe(2 * 1000);
  // Only candidates have these sizes; the arm counts with the largest one until one is chosen.
  for (const size of [40, 56])
    expect(work.filter((each) => each.size === size)).toMatchObject([
      { kind: 'evaluate', images: 400 },
    ]);
});

it('measures the experiment of a preset, with a table, and leaves out damaged photos', async () => {
  await writeFile(join(folder, 'photos', 'a', 'damaged.jpg'), 'no photo');
  const { code, stdout } = await runCli([
    ...['bench', '--dataset', join(folder, 'photos'), '--engine', 'wasm', '--seconds', '0.2'],
    ...['--width', '4', '--small', '32', '--large', '48', '--batch-size', '4', '--arms', 'small'],
    ...['--quiet'],
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^resnet14v2, width 4, batch size 4, float32\n/);
  expect(stdout).toMatch(/^training +32 +\d/m);
  expect(stdout).toMatch(/^small +\d.* s +training at 32: /m);
  expect(stdout).toMatch(/^Estimate for 15 training images and 2 held out, /m);
});

it('states that no photo can be decoded', async () => {
  for (const name of ['a', 'b']) {
    await mkdir(join(folder, 'damaged', name), { recursive: true });
    for (let n = 0; n < 4; n++)
      await writeFile(join(folder, 'damaged', name, `${n}.jpg`), 'no photo');
  }
  const { code, stderr } = await runCli([
    ...['bench', '--dataset', join(folder, 'damaged'), '--engine', 'wasm', '--quiet'],
    ...['--width', '4', '--small', '32', '--large', '48', '--arms', 'small'],
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/None of 7 images of "damaged" can be decoded\.\n$/);
});

it('refuses options of a preset beside a file', async () => {
  const { code, stdout, stderr } = await runCli(['bench', file, '--finetune-epochs', '3']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(
    `error: Option --finetune-epochs is 3, but the experiment is that of "${file}"; without a file, it is allowed.\n`,
  );
});
