import { posix, win32 } from 'node:path';
import { expect, it } from 'vitest';
import { portablePath } from './portable-path.ts';

it('portablePath uses slashes on every system', () => {
  expect(
    portablePath(
      win32.relative(String.raw`C:\work\files`, String.raw`C:\work\my photos`),
      win32.sep,
    ),
  ).toBe('../my photos');
  expect(portablePath(win32.relative(String.raw`C:\work`, String.raw`D:\photos`), win32.sep)).toBe(
    'D:/photos',
  );
  expect(win32.resolve(String.raw`C:\work\files`, '../my photos')).toBe(
    String.raw`C:\work\my photos`,
  );
});

it('portablePath keeps a backslash that is part of a name', () => {
  expect(portablePath(posix.relative('/home/me/files', String.raw`/home/me/a\b`), posix.sep)).toBe(
    String.raw`../a\b`,
  );
});
