import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { classPictures, picture, temporaryFolder, writeFolder } from '../../../test/make-images.ts';
import type { RgbImage } from '../../pixels/rgb-image.ts';
import { withShrinkOnLoad } from '../../policies/compose.ts';
import { shortSideCrop } from '../../policies/fixres-authors.ts';
import { sampledBoundingBoxCrop } from '../../policies/keras-fixres.ts';
import { fileSource } from '../files/byte-source.ts';
import { type Batch, ImageLoader } from '../loader/image-loader.ts';
import { openDataset } from '../readers/open-dataset.ts';
import { DiskCache, setUpDiskCache } from './disk-cache.ts';

const ANY = 2 ** 26;

/** An image whose levels are computed from a number. */
function image(number: number, side = 20): RgbImage {
  return {
    width: side,
    height: side,
    data: Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * number) % 256),
  };
}

async function filesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => name.includes('.')).map((name) => join(folder, name));
}

async function source(name = 'a.jpg'): Promise<ReturnType<typeof fileSource>> {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, 'twelve bytes');
  return fileSource(file, 12);
}

describe('DiskCache', () => {
  it('keeps images for other threads and later runs', async () => {
    const folder = join(await temporaryFolder(), 'cache');
    const setup = setUpDiskCache({ folder, maxBytes: 100_000 });
    const first = new DiskCache(setup);
    const key = first.keyOf(await source())!;
    expect(first.get(key, ANY)).toBeUndefined();
    first.put(key, image(3));
    for (const cache of [
      first,
      new DiskCache(setup),
      new DiskCache(setUpDiskCache({ folder, maxBytes: 100_000 })),
    ]) {
      expect(cache.get(key, ANY)).toEqual({ ...image(3), data: Buffer.from(image(3).data) });
    }
    expect(first.get(key, 399)).toBeUndefined();
  });

  it('names an image by its source, so a changed file gets a new name', async () => {
    const cache = new DiskCache(
      setUpDiskCache({ folder: await temporaryFolder(), maxBytes: 100_000 }),
    );
    const of = await source();
    const key = cache.keyOf(of);
    expect(cache.keyOf(of)).toBe(key);
    const names = new Set([
      key,
      cache.keyOf(of, { factor: 2 }),
      cache.keyOf(of, { decode: 'tensorflow' }),
      cache.keyOf({ ...of, start: 1 }),
      cache.keyOf({ ...of, length: 11 }),
      cache.keyOf(await source('b.jpg')),
    ]);
    const { mtime, atime } = await stat(of.file);
    // Same length as before, and the modification time is set back.
    await writeFile(of.file, 'other bytes!');
    await utimes(of.file, atime, mtime);
    names.add(cache.keyOf(of));
    await appendFile(of.file, '!');
    names.add(cache.keyOf(of));
    expect(names.size).toBe(8);
    expect(cache.keyOf({ ...of, file: `${of.file}.gone` })).toBeUndefined();
  });

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['truncated', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['too long', (bytes) => Buffer.concat([bytes, Buffer.of(0)])],
    ['partly unwritten', (bytes) => bytes.fill(0, 500, 700)],
    ['empty', () => Buffer.alloc(0)],
    ['of another kind', (bytes) => bytes.fill('x', 0, 4)],
  ])('removes a file that is %s', async (_, damage) => {
    const folder = await temporaryFolder();
    const setup = setUpDiskCache({ folder, maxBytes: 100_000 });
    const key = new DiskCache(setup).keyOf(await source())!;
    new DiskCache(setup).put(key, image(5));
    const [file] = await filesOf(folder);
    await writeFile(file!, damage(await readFile(file!)));
    const cache = new DiskCache(setUpDiskCache({ folder, maxBytes: 100_000 }));
    expect(cache.get(key, ANY)).toBeUndefined();
    expect(existsSync(file!)).toBe(false);
    cache.put(key, image(5));
    expect(cache.get(key, ANY)).toMatchObject({ width: 20 });
  });

  it('stays within its size limit: unused images make room, images in use stay', async () => {
    const folder = await temporaryFolder();
    // Each image takes 2 KiB.
    const maxBytes = 10 * 1024;
    const keys = Array.from({ length: 8 }, (_, i) => `0${i % 4}${String(i).padStart(62, '0')}`);
    const now = new DiskCache(setUpDiskCache({ folder, maxBytes }));
    for (const [i, key] of keys.entries()) now.put(key, image(i));
    expect(keys.map((key) => now.get(key, ANY) !== undefined)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);

    const old = new Date(Date.now() - 3_600_000);
    for (const file of await filesOf(folder)) await utimes(file, old, old);
    const later = new DiskCache(setUpDiskCache({ folder, maxBytes }));
    // Used again, so it must stay.
    expect(later.get(keys[0]!, ANY)).toBeDefined();
    for (const [i, key] of [...keys.entries()].slice(5)) later.put(key, image(i));
    expect((await filesOf(folder)).length).toBe(5);
    expect([0, 5, 6, 7].map((i) => later.get(keys[i]!, ANY) !== undefined)).toEqual([
      true,
      true,
      true,
      true,
    ]);
  });

  it('removes files left by a process that died while writing', async () => {
    const folder = await temporaryFolder();
    const setup = setUpDiskCache({ folder, maxBytes: 100_000 });
    await mkdir(join(folder, '07'));
    const [left, fresh] = [
      join(folder, '07', 'aa.rgb.1-1-0.tmp'),
      join(folder, '07', 'bb.rgb.1-1-0.tmp'),
    ];
    await writeFile(left, 'x');
    await writeFile(fresh, 'x');
    await utimes(left, 0, 0);
    new DiskCache(setup).put('0'.repeat(64), image(1));
    expect([existsSync(left), existsSync(fresh)]).toEqual([false, true]);
  });

  it('rejects an invalid folder or size', async () => {
    const file = (await source()).file;
    expect(() => setUpDiskCache({ folder: join(file, 'below'), maxBytes: 1 })).toThrow(
      /Option "diskCache.folder" is .*below, which cannot be written/,
    );
    expect(() => setUpDiskCache({ folder: '.', maxBytes: 0.5 })).toThrow(
      'Option "diskCache.maxBytes" is 0.5; it must be a whole number of bytes, at least 1.',
    );
  });
});

describe('ImageLoader with a disk cache', () => {
  async function all(
    loader: ImageLoader,
    ...options: Parameters<ImageLoader['batches']>
  ): Promise<Batch[]> {
    const list: Batch[] = [];
    for await (const batch of loader.batches(...options)) list.push(batch);
    return list;
  }

  it.each([false, true])(
    'returns the same batches, also in a later run (shrink on load: %s)',
    async (shrink) => {
      const folder = await temporaryFolder();
      const files = {
        ...(await classPictures(['a', 'b'], 5)),
        'b/large.jpg': await picture(300, 200),
        'b/x.png': await picture(40, 30, undefined, 'png'),
      };
      const { examples } = await openDataset(await writeFolder(join(folder, 'photos'), files), {
        cacheFolder: folder,
      });
      const policy = shrink ? withShrinkOnLoad(shortSideCrop(16)) : sampledBoundingBoxCrop(16);
      const options = { policy, batchSize: 5, seed: 1, shuffle: true };
      const plain = new ImageLoader({ threads: 2 });
      const expected = await all(plain, examples, options);
      await plain.close();
      const diskCache = { folder: join(folder, 'cache'), maxBytes: 10_000_000 };
      for (let run = 0; run < 2; run++) {
        const loader = new ImageLoader({ threads: 2, diskCache });
        for (let pass = 0; pass < 2; pass++)
          expect(await all(loader, examples, options)).toEqual(expected);
        await loader.close();
      }
      expect((await filesOf(diskCache.folder)).filter((name) => name.endsWith('.rgb')).length).toBe(
        examples.length,
      );
      if (!shrink) return;
      // Stored at the size that they are decoded at: an eighth of 300 x 200.
      const sizes = await Promise.all(
        (await filesOf(diskCache.folder)).map(async (name) =>
          (await readFile(name)).subarray(4, 12).toString('hex'),
        ),
      );
      expect(sizes).toContain('2500000019000000');
    },
  );

  it('detects a changed file', async () => {
    const folder = await temporaryFolder();
    const photos = join(folder, 'photos');
    await writeFolder(photos, {
      'a/1.png': await picture(20, 20, { r: 0, g: 0, b: 0 }, 'png'),
      'b/1.png': await picture(20, 20, { r: 0, g: 0, b: 0 }, 'png'),
    });
    const mean = async (): Promise<number> => {
      const { examples } = await openDataset(photos, { cacheFolder: folder });
      const loader = new ImageLoader({
        threads: 1,
        diskCache: { folder: join(folder, 'cache'), maxBytes: 1_000_000 },
      });
      const [batch] = await all(loader, examples, { policy: shortSideCrop(8), batchSize: 2 });
      await loader.close();
      return batch!.pixels.reduce((sum, level) => sum + level, 0) / batch!.pixels.length;
    };
    expect(await mean()).toBe(0);
    await writeFolder(photos, {
      'a/1.png': await picture(20, 20, { r: 200, g: 200, b: 200 }, 'png'),
    });
    expect(await mean()).toBe(100);
  });
});
