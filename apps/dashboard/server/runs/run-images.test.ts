import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ImageDataset } from '@fixres/data/node';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { makeRun, temporaryFolder } from '../../test/make-run.ts';
import { createRunReader } from '../reading/run-reader.ts';
import { RunImages } from './run-images.ts';

const predictions = 'small-seed0-resize@64.jsonl';

async function nameImages(folder: string, ids: readonly string[]): Promise<void> {
  await writeFile(
    join(folder, 'predictions', predictions),
    ids
      .map((file) => `${JSON.stringify({ file, label: 'aster', probabilities: [0.9, 0.1] })}\n`)
      .join(''),
  );
}

describe('RunImages', () => {
  it('shows only images that the predictions name, and forgets earlier ones', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'run');
    const bytes = await sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    const file = join(root, 'image.png');
    await writeFile(file, bytes);
    let ids = ['a/1.png', 'a/2.png'];
    const open = (): Promise<ImageDataset> => {
      const source = {
        file,
        start: 0,
        length: bytes.length,
        compression: 'none' as const,
        inflatedLength: bytes.length,
      };
      return Promise.resolve({
        name: 'test',
        format: 'class-folders',
        classNames: ['a'],
        examples: ids.map((id) => ({ id, label: 0, source })),
      });
    };
    const images = new RunImages(open, createRunReader());
    const isShown = async (id: string): Promise<boolean> =>
      (await images.read(folder, predictions, id)) !== undefined;
    await makeRun(folder);
    await nameImages(folder, ['a/1.png']);
    expect([await isShown('a/1.png'), await isShown('a/2.png')]).toEqual([true, false]);
    expect(await images.sizes(folder, predictions)).toEqual([{ width: 8, height: 6 }]);

    // The predictions are written again, as by a resumed run.
    await nameImages(folder, ['a/2.png', 'a/3.png']);
    expect([await isShown('a/1.png'), await isShown('a/2.png'), await isShown('a/3.png')]).toEqual([
      false,
      true,
      false,
    ]);

    // Another run, on other data, in a folder with the same name.
    await rm(folder, { recursive: true });
    ids = ['a/3.png'];
    await makeRun(folder, { steps: 5 });
    await nameImages(folder, ['a/2.png', 'a/3.png']);
    expect([await isShown('a/2.png'), await isShown('a/3.png')]).toEqual([false, true]);
  });

  it('sends what browsers can show: converts other formats to PNG, and sends nothing that is not an image', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'run');
    await makeRun(folder);
    const photo = sharp({ create: { width: 8, height: 6, channels: 3, background: 'red' } });
    const files = {
      'a.webp': await photo.webp().toBuffer(),
      'a.tiff': await photo.tiff().toBuffer(),
      'a.txt': Buffer.from('a secret that is no image'),
    };
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(root, name), bytes);
    const examples = Object.entries(files).map(([id, { length }]) => ({
      id,
      label: 0,
      source: {
        file: join(root, id),
        start: 0,
        length,
        compression: 'none' as const,
        inflatedLength: length,
      },
    }));
    const images = new RunImages(
      () => Promise.resolve({ name: 'test', format: 'class-folders', classNames: ['a'], examples }),
      createRunReader(),
    );
    await nameImages(folder, Object.keys(files));
    expect(await images.read(folder, predictions, 'a.webp')).toMatchObject({ type: 'image/webp' });
    const { bytes, type } = (await images.read(folder, predictions, 'a.tiff'))!;
    expect(type).toBe('image/png');
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'png', width: 8, height: 6 });
    expect((await images.read(folder, predictions, 'a.tiff', 4))?.type).toBe('image/jpeg');
    for (const side of [undefined, 4])
      await expect(images.read(folder, predictions, 'a.txt', side)).rejects.toThrow(
        'it is not a JPEG',
      );
  });
});
