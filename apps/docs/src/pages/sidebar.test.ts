import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@fixres/testing';
import { expect, it } from 'vitest';
import { dist } from '../repository.ts';
import { sidebars } from './sidebar.ts';

it('lists every page of the site once, by its title', () => {
  const { '/': guides, '/reference/': reference } = sidebars(join(dist, 'pages'));
  const items = [...guides!, ...reference!].flatMap((group) => group.items ?? []);
  const links = items.map(({ link }) => link);
  expect(new Set(links).size).toBe(links.length);
  expect(items).toContainEqual({ text: 'Apparent size', link: '/concepts/apparent-size' });
  expect(items).toContainEqual({
    text: 'fixres data info',
    link: '/reference/command-line/data-info',
  });
  expect(items).toContainEqual({ text: 'Command line', link: '/reference/command-line/' });
});

it('a page without a group is an error', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'elsewhere'));
  await writeFile(join(folder, 'elsewhere', 'page.md'), '# Page');
  expect(() => sidebars(folder)).toThrow("The sidebar's folder start does not exist.");
});
