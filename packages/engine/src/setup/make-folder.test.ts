import type * as promises from 'node:fs/promises';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { makeFolder } from './make-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-make-folder-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('makeFolder creates a folder with its parents, also if it exists', async () => {
  for (let i = 0; i < 2; i++) await makeFolder(join(folder, 'a', 'b'));
  expect((await stat(join(folder, 'a', 'b'))).isDirectory()).toBe(true);
});

it('makeFolder reports a file in place of a folder', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it('makeFolder reports a read-only file system, which mkdir does not', async () => {
  const refused = (code: string): Promise<never> =>
    Promise.reject(Object.assign(new Error(code), { code }));
  // The errors of Linux and Node.js 20 to 24.
  vi.doMock('node:fs/promises', async (original) => ({
    ...(await original<typeof promises>()),
    mkdir: () => refused('ENOENT'),
    access: () => refused('EROFS'),
  }));
  vi.resetModules();
  onTestFinished(() => {
    vi.doUnmock('node:fs/promises');
    vi.resetModules();
  });
  const { makeFolder: onReadOnly } = await import('./make-folder.ts');
  await expect(onReadOnly(join(folder, 'a', 'b'))).rejects.toMatchObject({ code: 'EROFS' });
});
