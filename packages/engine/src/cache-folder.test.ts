import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultCacheFolder } from './cache-folder.ts';

describe('defaultCacheFolder', () => {
  it.each([
    ['linux', {}, join(homedir(), '.cache', 'fixres')],
    ['linux', { XDG_CACHE_HOME: '/big' }, join('/big', 'fixres')],
    ['darwin', {}, join(homedir(), 'Library', 'Caches', 'fixres')],
    ['win32', { LOCALAPPDATA: 'C:' }, join('C:', 'fixres', 'Cache')],
    ['linux', { FIXRES_CACHE: 'mine', XDG_CACHE_HOME: '/big' }, resolve('mine')],
    ['linux', { FIXRES_CACHE: '' }, join(homedir(), '.cache', 'fixres')],
  ] as const)('on %s with %o is %s', (platform, environment, expected) => {
    expect(defaultCacheFolder(environment, platform)).toBe(expected);
  });
});
