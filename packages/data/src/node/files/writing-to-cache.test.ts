import type * as fs from 'node:fs';
import type * as promises from 'node:fs/promises';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
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

it('writingToCache states that a file system is read-only, which mkdir does not', async () => {
  const refused = (code: string, text: string): Promise<never> =>
    Promise.reject(Object.assign(new Error(`${code}: ${text}`), { code, syscall: 'x' }));
  // The errors of Linux and Node.js 20 to 24 on a read-only file system.
  vi.doMock('node:fs/promises', async (original) => ({
    ...(await original<typeof promises>()),
    mkdir: () => refused('ENOENT', 'no such file or directory, mkdir'),
    access: () => refused('EROFS', 'read-only file system, access'),
  }));
  vi.resetModules();
  onTestFinished(() => {
    vi.doUnmock('node:fs/promises');
    vi.resetModules();
  });
  const { writingToCache: onReadOnly } = await import('./writing-to-cache.ts');
  await expect(onReadOnly(folder, () => Promise.resolve())).rejects.toThrow(
    `Cache folder "${folder}" cannot be written: EROFS: read-only file system, access. `,
  );
});

it('writingToCache reports a drive that does not exist', async () => {
  // On Windows, not even the root of such a path exists.
  const existsSync = vi.fn(() => {
    if (existsSync.mock.calls.length > 100) throw new Error('endless');
    return false;
  });
  const missing = (call: string): Error =>
    Object.assign(new Error(`ENOENT: no such file or directory, ${call}`), {
      code: 'ENOENT',
      syscall: call,
    });
  vi.doMock('node:fs', async (original) => ({ ...(await original<typeof fs>()), existsSync }));
  vi.doMock('node:fs/promises', async (original) => ({
    ...(await original<typeof promises>()),
    access: () => Promise.reject(missing('access')),
  }));
  vi.resetModules();
  onTestFinished(() => {
    vi.doUnmock('node:fs');
    vi.doUnmock('node:fs/promises');
    vi.resetModules();
  });
  const { writingToCache: withoutDrive } = await import('./writing-to-cache.ts');
  await expect(withoutDrive(folder, () => Promise.reject(missing('mkdir')))).rejects.toThrow(
    `Cache folder "${folder}" cannot be written: ENOENT: no such file or directory`,
  );
});

it('writingToCache leaves other errors unchanged', async () => {
  const error = new Error('mine');
  await expect(writingToCache(folder, () => Promise.reject(error))).rejects.toBe(error);
});
