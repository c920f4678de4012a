import { expect, it } from 'vitest';
import { proxyHint } from './proxy-hint.ts';

const failed = (cause?: unknown): Error =>
  Object.assign(new Error('Cannot download.', { cause }), { code: 'download-failed' });
const unreachable = failed(new TypeError('fetch failed'));
const proxy = { https_proxy: 'http://me:secret@proxy:3128' };

it('proxyHint names the variable of a proxy that Node.js does not use, and not its address', () => {
  expect(proxyHint(unreachable, proxy)).toBe(
    ' https_proxy is set, but Node.js uses it only if NODE_USE_ENV_PROXY is 1, from Node.js 22.21 on.',
  );
});

it.each([
  ['there is no proxy', unreachable, { HTTPS_PROXY: '' }],
  ['Node.js already uses the proxy', unreachable, { ...proxy, NODE_USE_ENV_PROXY: '1' }],
  ['the server answered', failed(), proxy],
  ['the disk is full', failed(Object.assign(new Error('full'), { code: 'ENOSPC' })), proxy],
  ['it is no download', new Error('x', { cause: new TypeError('fetch failed') }), proxy],
])('proxyHint is empty if %s', (_, error, environment) => {
  expect(proxyHint(error, environment)).toBe('');
});
