import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { flowerClasses } from './flower-forms.ts';
import { syntheticFlowers } from './generate-flowers.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-flowers-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function contents(root: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for (const name of (await readdir(root)).sort()) {
    for (const file of (await readdir(join(root, name))).sort()) {
      files.set(`${name}/${file}`, await readFile(join(root, name, file)));
    }
  }
  return files;
}

describe('syntheticFlowers', () => {
  it('writes only balanced class folders of decodable photos in varied sizes', async () => {
    const root = await syntheticFlowers({ folder, images: 33 });
    // Every user of a shared cache can read them.
    expect((await stat(root)).mode & 0o055).toBe(0o055);
    expect((await readdir(root)).sort()).toEqual([...flowerClasses].sort());
    const counts: number[] = [];
    const orientations = new Set<boolean>();
    const shortSides = new Set<number>();
    for (const flower of flowerClasses) {
      const files = await readdir(join(root, flower));
      counts.push(files.length);
      for (const file of files) {
        const { info } = await sharp(join(root, flower, file))
          .raw()
          .toBuffer({ resolveWithObject: true });
        const short = Math.min(info.width, info.height);
        expect(info.channels).toBe(3);
        expect(short).toBeGreaterThanOrEqual(120);
        expect(short).toBeLessThanOrEqual(200);
        expect(Math.max(info.width, info.height)).toBeLessThanOrEqual(short * 1.5 + 1);
        shortSides.add(short);
        orientations.add(info.width > info.height);
      }
    }
    expect(counts.toSorted()).toEqual([6, 6, 7, 7, 7]);
    expect(shortSides.size).toBeGreaterThan(10);
    expect(orientations.size).toBe(2);
  });

  it('writes the same bytes for the same seed, and other images for another seed', async () => {
    const first = await contents(
      await syntheticFlowers({ folder: join(folder, 'a'), images: 15, seed: 7 }),
    );
    const again = await contents(
      await syntheticFlowers({ folder: join(folder, 'b'), images: 15, seed: 7 }),
    );
    const other = await contents(
      await syntheticFlowers({ folder: join(folder, 'a'), images: 15, seed: 8 }),
    );
    expect([...again.keys()]).toEqual([...first.keys()]);
    for (const [name, bytes] of first) {
      expect(bytes.equals(again.get(name)!)).toBe(true);
      expect(bytes.equals(other.get(name)!)).toBe(false);
    }
  });

  it('draws images of the chosen shape, in a folder of their own', async () => {
    const usual = await syntheticFlowers({ folder, images: 10 });
    const root = await syntheticFlowers({ folder, images: 10, aspectRatio: [2, 2], portrait: 1 });
    expect(basename(usual)).toBe('flowers-v1-10-seed0');
    expect(basename(root)).toBe('flowers-v1-10-seed0-aspectRatio2-2-portrait1');
    for (const bytes of (await contents(root)).values()) {
      const { width, height } = await sharp(bytes).metadata();
      expect(height).toBe(2 * width);
    }
  });

  it('reports each image once, and returns a finished folder untouched', async () => {
    const progress: number[] = [];
    const onProgress = (images: number): void => void progress.push(images);
    const root = await syntheticFlowers({ folder, images: 12, onProgress });
    expect(progress).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    const image = join(root, 'daisy', '0000.jpg');
    const { mtimeMs, ino } = await stat(image);
    expect(await syntheticFlowers({ folder, images: 12, onProgress })).toBe(root);
    expect(progress).toHaveLength(12);
    expect(await stat(image)).toMatchObject({ mtimeMs, ino });
  });

  it('leaves nothing behind when aborted', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    const onProgress = (images: number): void => {
      if (images === 3) abort.abort(reason);
    };
    await expect(
      syntheticFlowers({ folder, images: 40, onProgress, signal: abort.signal }),
    ).rejects.toBe(reason);
    await expect(syntheticFlowers({ folder, images: 40, signal: abort.signal })).rejects.toBe(
      reason,
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves nothing behind when it cannot finish', async () => {
    const failure = new Error('disk full');
    const onProgress = (): void => {
      throw failure;
    };
    await expect(syntheticFlowers({ folder, images: 20, onProgress })).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual([]);
  });

  it('can be called several times at once', async () => {
    const roots = await Promise.all([1, 2, 3].map(() => syntheticFlowers({ folder, images: 10 })));
    expect(new Set(roots).size).toBe(1);
    expect(await readdir(folder)).toHaveLength(1);
    expect((await contents(roots[0]!)).size).toBe(10);
  });

  it('rejects invalid options before writing', async () => {
    const missing = join(folder, 'missing');
    for (const images of [9, 10.5, Number.NaN]) {
      await expect(syntheticFlowers({ folder: missing, images })).rejects.toMatchObject({
        code: 'bad-option',
        message: `images must be a whole number of at least 10, got ${images}.`,
      });
    }
    for (const seed of [-1, 0.5, 2 ** 32]) {
      await expect(syntheticFlowers({ folder: missing, seed })).rejects.toMatchObject({
        code: 'bad-option',
        message: `seed must be a whole number from 0 to 4294967295, got ${seed}.`,
      });
    }
    await expect(syntheticFlowers({ folder: missing, blossomSize: [0, 0.5] })).rejects.toThrow(
      'blossomSize must be a smallest and a largest number, above 0 and at most 1, got 0 and 0.5.',
    );
    await expect(syntheticFlowers({ folder: missing, aspectRatio: [2, 1.5] })).rejects.toThrow(
      'aspectRatio must be a smallest and a largest number, at least 1 and at most 4, got 2 and 1.5.',
    );
    await expect(syntheticFlowers({ folder: missing, portrait: 2 })).rejects.toThrow(
      'portrait must be from 0 to 1, got 2.',
    );
    expect(await readdir(folder)).toEqual([]);
  });
});
