import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { FeatureStore } from '../feature-cache/feature-store.ts';
import { fileStore } from './file-store.ts';

const length = 5;
const numbers = (view: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => view + i / 8);

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-features-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function valuesOf(store: FeatureStore, view: number): Promise<Float32Array | null> {
  const into = new Float32Array(length);
  return (await store.read(view, into)) ? into : null;
}

async function filled(file: string, views: number[], key = 'k'): Promise<void> {
  const store = await fileStore({ file, key, precision: 'full', length });
  for (const view of views) await store.write(view, numbers(view));
  await store.dispose();
}

describe.each(['full', 'half'] as const)('fileStore in %s precision', (precision) => {
  it('returns what was written, in any order, and without a key leaves no file behind', async () => {
    const folder = await temporaryFolder();
    const store = await fileStore({ file: join(folder, 'features'), precision, length });
    expect(await readdir(folder)).toEqual([]);
    for (const view of [7, 0, 3]) await store.write(view, numbers(view));
    expect([0, 1, 3, 7].map((view) => store.has(view))).toEqual([true, false, true, true]);
    expect(await Promise.all([0, 1, 3, 7].map((view) => valuesOf(store, view)))).toEqual([
      numbers(0),
      null,
      numbers(3),
      numbers(7),
    ]);
    await store.write(3, numbers(4));
    expect(await valuesOf(store, 3)).toEqual(numbers(4));
    await store.dispose();
    await store.dispose();
    expect(store.has(0)).toBe(false);
  });
});

describe('fileStore with a key', () => {
  it('resumes where an earlier store stopped', async () => {
    const file = join(await temporaryFolder(), 'features');
    await filled(file, [2, 5]);
    const store = await fileStore({ file, key: 'k', precision: 'full', length });
    expect([0, 2, 3, 5, 6].filter((view) => store.has(view))).toEqual([2, 5]);
    await store.write(0, numbers(0));
    expect(await Promise.all([0, 2, 5].map((view) => valuesOf(store, view)))).toEqual([
      numbers(0),
      numbers(2),
      numbers(5),
    ]);
    await store.dispose();
  });

  it('starts empty for another key, another layout, or a file of another kind', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'features');
    const present = async (options: {
      key?: string;
      precision?: 'half';
      length?: number;
    }): Promise<number[]> => {
      const store = await fileStore({ file, key: 'k', precision: 'full', length, ...options });
      const views = [0, 1, 2].filter((view) => store.has(view));
      await store.dispose();
      return views;
    };
    for (const options of [{ key: 'other' }, { precision: 'half' as const }, { length: 4 }]) {
      await filled(file, [1]);
      expect(await present({})).toEqual([1]);
      expect(await present(options)).toEqual([]);
    }
    await writeFile(file, 'not a feature file');
    expect(await present({})).toEqual([]);
    expect(await readdir(folder)).toEqual(['features']);
  });

  it('treats a damaged, half-written or truncated record as missing, and can write it again', async () => {
    const file = join(await temporaryFolder(), 'features');
    await filled(file, [0, 1, 2, 3]);
    const bytes = await readFile(file);
    const at = (view: number): number => 4096 + view * 32;
    bytes[at(1) + 12]! ^= 1; // a number
    bytes[at(2) + 5]! ^= 1; // the scale
    await writeFile(file, bytes);
    await truncate(file, at(3) + 20);

    const store = await fileStore({ file, key: 'k', precision: 'full', length });
    expect(await Promise.all([0, 1, 2, 3].map((view) => valuesOf(store, view)))).toEqual([
      numbers(0),
      null,
      null,
      null,
    ]);
    expect([0, 1, 2, 3].filter((view) => store.has(view))).toEqual([0]);
    await store.write(1, numbers(1));
    expect(await valuesOf(store, 1)).toEqual(numbers(1));
    await store.dispose();
  });

  it('names a file that cannot be created', async () => {
    const file = join(await temporaryFolder(), 'missing', 'features');
    for (const key of [undefined, 'k']) {
      const made = fileStore({
        file,
        precision: 'full',
        length,
        ...(key === undefined ? {} : { key }),
      });
      await expect(made).rejects.toMatchObject({
        code: 'cache-file',
        message: expect.stringContaining(JSON.stringify(file).slice(1, -1)) as string,
      });
    }
    await expect(
      fileStore({ file, key: 'k'.repeat(5000), precision: 'full', length }),
    ).rejects.toMatchObject({ code: 'bad-cache' });
  });
});
