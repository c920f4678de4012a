import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@fixres/testing';
import { expect, it } from 'vitest';
import { siteProblems } from './site-problems.ts';

async function problemsOf(body: string, base = '/'): Promise<string[]> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'sub'));
  await writeFile(join(folder, 'index.html'), body);
  await writeFile(
    join(folder, 'sub', 'page.html'),
    '<h2 id="part">Part</h2><a href="./page.html#part">x</a>',
  );
  await writeFile(join(folder, 'icon.svg'), '<svg/>');
  return siteProblems(folder, base);
}

it.each([
  ['<a href="/sub/page.html#part">x</a><a class="y" href="sub/page">x</a><a href="#">x</a>', '/'],
  ['<a href="/fixres/sub/page.html">x</a><img src="/fixres/icon.svg">', '/fixres/'],
  ['<a href="https://example.org/none">x</a><a href="/icon.svg">x</a><a href="">x</a>', '/'],
])('accepts %s', async (body, base) => {
  expect(await problemsOf(body, base)).toEqual([]);
});

it.each([
  ['<a href="/none.html">x</a>', '/', 'index.html links to /none.html, which does not exist'],
  ['<a href="/none.svg">x</a>', '/', 'index.html links to /none.svg, which does not exist'],
  [
    '<a href="/sub/page.html#whole">x</a>',
    '/',
    'index.html links to /sub/page.html#whole, and that page has no such anchor',
  ],
  ['<a href="#here">x</a>', '/', 'index.html links to #here, and that page has no such anchor'],
  [
    '<a href="/sub/page.html">x</a>',
    '/fixres/',
    'index.html links to /sub/page.html, which is not below /fixres/',
  ],
  [
    '<script async src="https://example.org/a.js"></script>',
    '/',
    'index.html loads https://example.org/a.js',
  ],
  [
    '<link rel="preload" href="//example.org/a.woff2">',
    '/',
    'index.html loads //example.org/a.woff2',
  ],
])('reports %s', async (body, base, problem) => {
  expect(await problemsOf(body, base)).toEqual([problem]);
});
