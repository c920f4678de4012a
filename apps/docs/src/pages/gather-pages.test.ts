import { expect, it } from 'vitest';
import { siteLink, withIncludes } from './gather-pages.ts';
import { allRoutes } from './routes.ts';

const pages = new Map(allRoutes().map(({ source, page }) => [source, page]));
const link = (target: string, source = 'docs/policies.md'): string =>
  siteLink(target, source, pages, new Set());

it('links to shown files become links of the site', () => {
  expect(link('runs.md#grids')).toBe('/topics/runs.md#grids');
  expect(link('../packages/data/README.md')).toBe('/packages/data.md');
  expect(link('../packages/data/')).toBe('/packages/data.md');
  expect(link('benchmarks.md')).toBe('/results/benchmarks.md');
});

it('links to other files lead to the repository', () => {
  expect(link('../examples/src/ten-lines.ts')).toMatch(
    /^https:\/\/[^/]+\/[^/]+\/[^/]+\/blob\/main\/examples\/src\/ten-lines\.ts$/,
  );
  expect(link('../examples/browser/classify/')).toMatch(
    /\/tree\/main\/examples\/browser\/classify$/,
  );
});

it('links within a page, to generated pages and to other hosts stay', () => {
  for (const target of ['#anchor', '/reference/events.md', 'https://example.org/a', 'mailto:a@b.c'])
    expect(link(target)).toBe(target);
});

it('pictures are collected', () => {
  const pictures = new Set<string>();
  expect(siteLink('docs/report.png', 'README.md', pages, pictures)).toBe(
    '/pictures/docs/report.png',
  );
  expect([...pictures]).toEqual(['docs/report.png']);
});

it.each(['missing.md', '../../outside.md'])('a link to %s is an error', (target) => {
  expect(() => link(target)).toThrow(`docs/policies.md links to ${target}, which does not exist.`);
});

it('sections are included with links of their own file', () => {
  const text = 'Before.\n\n<!-- include: README.md#try-it -->\n\nAfter.';
  const included = withIncludes(text, { source: 'apps/docs/pages/a.md' }, (source, part) =>
    part.trim() === '' ? part : `${source}\n${part}`,
  );
  expect(included).toMatch(/^apps\/docs\/pages\/a\.md\nBefore\./);
  expect(included).toContain('README.md\nYou need Node');
  expect(included).not.toContain('include:');
});

it('an include of a section that does not exist is an error', () => {
  expect(() =>
    withIncludes('<!-- include: README.md#none -->', { source: 'a.md' }, (_, part) => part),
  ).toThrow('a.md includes README.md#none, and there is no such section.');
});

it('no two files have the same page', () => {
  const names = allRoutes().map(({ page }) => page);
  expect(new Set(names).size).toBe(names.length);
});
