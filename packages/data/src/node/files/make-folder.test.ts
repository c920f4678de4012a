import type * as fs from 'node:fs';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { temporaryFolder } from '../../../test/make-images.ts';
import { makeFolder } from './make-folder.ts';

it('makeFolder creates a folder with its parents, and leaves existing ones', async () => {
  const folder = join(await temporaryFolder(), 'a', 'b', 'c');
  makeFolder(folder);
  writeFileSync(join(folder, 'x'), '');
  makeFolder(folder);
  makeFolder(join(folder, 'd'));
  expect(statSync(join(folder, 'd')).isDirectory()).toBe(true);
  expect(existsSync(join(folder, 'x'))).toBe(true);
});

it('makeFolder fails with the reason of the system', async () => {
  const file = join(await temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(() => makeFolder(file)).toThrow('EEXIST');
  expect(() => makeFolder(join(file, 'a', 'b'))).toThrow('ENOTDIR');
});

it('makeFolder ends where the system creates no folder although the parent exists', async () => {
  const parent = await temporaryFolder();
  vi.doMock('node:fs', async (original) => ({
    ...(await original<typeof fs>()),
    mkdirSync: (): never => {
      throw Object.assign(new Error('ENOENT: no such file or directory'), { code: 'ENOENT' });
    },
  }));
  vi.resetModules();
  try {
    const { makeFolder: onOddSystem } = await import('./make-folder.ts');
    expect(() => onOddSystem(join(parent, 'a', 'b'))).toThrow('ENOENT');
  } finally {
    vi.doUnmock('node:fs');
    vi.resetModules();
  }
});
