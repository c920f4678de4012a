import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FixresDataError } from '../../errors.ts';
import { writingToCache } from './writing-to-cache.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-cache-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('writingToCache creates the folder and returns what the function returns', async () => {
  const cache = join(folder, 'a', 'b');
  const file = join(cache, 'x');
  await expect(writingToCache(cache, () => writeFile(file, 'y').then(() => 3))).resolves.toBe(3);
  expect(await readFile(file, 'utf8')).toBe('y');
});

it('writingToCache names the folder and the cause if the system refuses', async () => {
  await writeFile(join(folder, 'file'), '');
  const cache = join(folder, 'file', 'cache');
  const error = await writingToCache(cache, () => Promise.resolve()).catch((each: unknown) => each);
  expect(error).toBeInstanceOf(FixresDataError);
  expect(error).toMatchObject({
    code: 'write-failed',
    message: expect.stringMatching(
      /^Cache folder ".*cache" cannot be written: ENOTDIR: .*\. Make room, or use another cache folder \(FIXRES_CACHE\)\.$/,
    ) as string,
  });
  await expect(writingToCache(folder, () => stat(join(folder, 'file', 'x')))).rejects.toMatchObject(
    { code: 'write-failed' },
  );
});

it('writingToCache leaves other errors unchanged', async () => {
  const error = new Error('mine');
  await expect(writingToCache(folder, () => Promise.reject(error))).rejects.toBe(error);
});
