import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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

it.runIf(existsSync('/proc/self'))(
  'makeFolder ends where the system creates no folders, which mkdir of Node does not',
  () => {
    expect(() => makeFolder('/proc/fixres/a')).toThrow('ENOENT');
  },
);
