import { resize } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import type { Experiment } from '@fixres/runs';
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
        pixels: new Uint8Array(examples.length * 8 * 8 * 3),
      });
    },
  } as unknown as ImageLoader;
  const experiment = {
    arms: [{ name: 'small', trainPolicy: resize(8), testPolicy: resize(8) }],
  } as unknown as Experiment;

  const [grid, ...others] = await collectSamples(experiment, {
    train,
    classNames: ['daisy', 'rose'],
    byId: new Map(),
    loader,
  });
  expect(others).toEqual([]);
  expect(grid).toMatchObject({ title: 'trains small, evaluates small', policy: 'resize@8' });
  expect(grid!.pictures.map(({ label }) => label)).toEqual(['rose', 'daisy', 'rose']);
});
