import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, it, onTestFinished } from 'vitest';
import { resize } from '../../policies/keras-fixres.ts';
import { ImageLoader } from '../loader/image-loader.ts';
import { imageFiles } from './image-files.ts';

it('imageFiles returns examples that a loader can read, in the given order', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-files-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const files = await Promise.all(
    ['red', 'blue'].map(async (background) => {
      const file = join(folder, `${background}.png`);
      await sharp({ create: { width: 5, height: 3, channels: 3, background } }).toFile(file);
      return file;
    }),
  );
  const loader = new ImageLoader({ threads: 1 });
  onTestFinished(() => loader.close());
  for await (const { pixels, labels } of loader.batches(await imageFiles(files), {
    policy: resize(8),
    batchSize: 2,
  })) {
    expect([pixels.subarray(0, 3), pixels.subarray(-3)]).toEqual([
      Uint8Array.of(255, 0, 0),
      Uint8Array.of(0, 0, 255),
    ]);
    expect([...labels]).toEqual([-1, -1]);
  }
  await expect(imageFiles([join(folder, 'none.png')])).rejects.toMatchObject({
    code: 'not-found',
    message: `Image "${join(folder, 'none.png')}" does not exist.`,
  });
  await expect(imageFiles([folder])).rejects.toMatchObject({
    code: 'not-found',
    message: `"${folder}" is not a file; give image files.`,
  });
});
