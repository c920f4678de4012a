import { posix, win32 } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patternBelow } from './pattern-below.ts';

/** Splits where only these folders exist. */
const split = (path: typeof posix, place: string, ...folders: string[]) =>
  patternBelow(place, (folder) => Promise.resolve(folders.includes(folder)), path);

describe('patternBelow', () => {
  it.each([
    ['photos\\*.jpg', 'photos', '*.jpg'],
    ['photos/red\\*.jpg', 'photos\\red', '*.jpg'],
    ['photos\\**\\?.jpg', 'photos', '**/?.jpg'],
    ['C:\\photos (1)\\red\\[ab]*.jpg', 'C:\\photos (1)\\red', '[ab]*.jpg'],
    ['C:/photos (1)/*/a.jpg', 'C:\\photos (1)', '*/a.jpg'],
    ['\\\\server\\share\\photos\\*.jpg', '\\\\server\\share\\photos', '*.jpg'],
    ['*.jpg', '', '*.jpg'],
    ['C:\\*.jpg', 'C:\\', '*.jpg'],
    ['none\\*.jpg', '', 'none/*.jpg'],
  ])('splits %s on Windows', async (place, folder, pattern) => {
    const folders = [
      'photos',
      'photos\\red',
      'C:\\photos (1)',
      'C:\\photos (1)\\red',
      '\\\\server\\share\\photos',
    ];
    expect(await split(win32, place, ...folders)).toEqual({ folder, pattern });
  });

  it.each([
    ['photos/*.jpg', 'photos', '*.jpg'],
    ['/photos (1)//red/{a,b}/*.jpg', '/photos (1)/red', '{a,b}/*.jpg'],
    // A backslash escapes a wildcard.
    ['photos/\\[1\\]/*.jpg', 'photos', '\\[1\\]/*.jpg'],
    ['*/a.jpg', '', '*/a.jpg'],
  ])('splits %s elsewhere', async (place, folder, pattern) => {
    const folders = ['photos', '/photos (1)', '/photos (1)/red'];
    expect(await split(posix, place, ...folders)).toEqual({ folder, pattern });
  });
});
