import { resize, withAugment } from '@fixres/data';
import { type Example, ImageLoader, openDataset } from '@fixres/data/node';
import type { Experiment } from '@fixres/runs';
import { samplePhotos, temporaryFolder } from '@fixres/testing';
import { expect, it } from 'vitest';
import { collectSamples } from './collect-samples.ts';

it('labels pictures with their class, whatever their ids are', async () => {
  const example = (id: string, label: number): Example => ({
    id,
    label,
    source: { file: id, start: 0, length: 1, compression: 'none', inflatedLength: 1 },
  });
  // Ids as in lists of images, class folders and archives.
  const train = [
    example(String.raw`C:\photos\1.jpg`, 1),
    example('daisy/2.jpg', 0),
    example('train-00000#7', 1),
  ];
  const loader = {
    async *batches(examples: readonly Example[]) {
      yield await Promise.resolve({
        indices: examples.map((_, i) => i),
        labels: Int32Array.from(examples, (example) => example.label),
        shape: [examples.length, 8, 8, 3],
        pixels: new Uint8Array(examples.length * 8 * 8 * 3),
      });
    },
  } as unknown as ImageLoader;
  const experiment = {
    arms: [{ name: 'small', trainPolicy: resize(8), testPolicy: resize(8), epochs: 1 }],
  } as unknown as Experiment;

  const [grid, ...others] = await collectSamples(experiment, {
    train,
    classNames: ['daisy', 'rose'],
    heldOut: [],
    byId: new Map(),
    loader,
  });
  expect(others).toEqual([]);
  expect(grid).toMatchObject({ title: 'trains small, evaluates small', policy: 'resize@8' });
  expect(grid!.pictures.map(({ label }) => label)).toEqual(['rose', 'daisy', 'rose']);
});

it('states what was drawn for each image, and shows mixed batches', async () => {
  const { examples, classNames } = await openDataset(samplePhotos, {
    cacheFolder: await temporaryFolder(),
  });
  const loader = new ImageLoader({ threads: 1 });
  const trainPolicy = withAugment(resize(16), [{ op: 'randAugment', numOps: 1, magnitude: 30 }]);
  const mix = { cutmix: 1 };
  const experiment = {
    arms: [
      { name: 'small', trainPolicy, testPolicy: resize(16), epochs: 1, mix },
      { name: 'untuned', trainPolicy, testPolicy: resize(16), epochs: 0, mix },
    ],
  } as unknown as Experiment;
  try {
    const grids = await collectSamples(experiment, {
      train: examples,
      classNames,
      heldOut: [],
      byId: new Map(),
      loader,
    });
    expect(grids.map(({ title }) => title)).toEqual([
      'trains small, trains untuned',
      'trains small in mixed batches',
      'evaluates small, evaluates untuned',
    ]);
    const [plain, mixed, tested] = grids.map(({ pictures }) => pictures);
    expect(tested!.every(({ changes }) => changes!.length === 0)).toBe(true);
    for (const [i, { changes, dataUri }] of plain!.entries()) {
      expect(dataUri === tested![i]!.dataUri).toBe(changes!.length === 0);
      const last = mixed![i]!.changes!;
      expect(last.slice(0, -1)).toEqual(changes);
      expect(last.at(-1)).toMatch(/^cutmix: \d+ % \w+$/);
    }
    expect(new Set(plain!.map(({ changes }) => changes!.join())).size).toBeGreaterThan(4);
  } finally {
    await loader.close();
  }
});
