import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { serve, type ServerType } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { accessibilityFindings, launchBrowser, openPage } from '@fixres/testing';
import { Hono } from 'hono';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dist } from '../src/repository.ts';

/** The start page, one with long code and one with a wide table; with FIXRES_TEST_PAGES=all, every page. */
const paths =
  process.env.FIXRES_TEST_PAGES === 'all'
    ? readdirSync(join(dist, 'site'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.html'))
        .map((file) => `/${file.replaceAll('\\', '/')}`)
        .toSorted()
    : ['/', '/guides/keras.html', '/reference/command-line/plan.html'];

let browser: Browser;
let server: ServerType;
let origin: string;

beforeAll(async () => {
  const app = new Hono().use('*', serveStatic({ root: join(dist, 'site') }));
  origin = await new Promise((resolve) => {
    server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
});
afterAll(() => {
  server.close();
});

/** Opens a page of the site, and collects all addresses that it requests. */
async function open(path: string): Promise<{ page: Page; elsewhere: () => string[] }> {
  const page = await openPage(browser, 'about:blank');
  const requested: string[] = [];
  page.on('request', (request) => requested.push(request.url()));
  await page.goto(`${origin}${path}`, { waitUntil: 'networkidle' });
  expect(requested.length).toBeGreaterThan(3);
  const elsewhere = (): string[] =>
    requested.filter((url) => !url.startsWith('data:') && !url.startsWith(`${origin}/`));
  return { page, elsewhere };
}

describe('the site', { tags: 'browser' }, () => {
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it.each(paths)(
    '%s is accessible on a phone and a desktop, in light and dark, and loads nothing from elsewhere',
    async (path) => {
      const { page, elsewhere } = await open(path);
      for (const width of [375, 1280])
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 800 });
          await page.emulateMedia({ colorScheme });
          const dark = page.locator('html.dark');
          await expect.poll(() => dark.count()).toBe(colorScheme === 'dark' ? 1 : 0);
          // Everything but contrast is the same in both schemes.
          const isDark = colorScheme === 'dark';
          const findings = await accessibilityFindings(
            page,
            isDark ? ['color-contrast'] : [],
            isDark,
          );
          const overflow = await page.evaluate(
            () => document.documentElement.scrollWidth - window.innerWidth,
          );
          expect({ width, colorScheme, findings, overflow: overflow > 0 }).toEqual({
            width,
            colorScheme,
            findings: [],
            overflow: false,
          });
        }
      expect(elsewhere()).toEqual([]);
    },
  );

  it('finds words by the local search, and opens the page', async () => {
    const { page, elsewhere } = await open('/');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('apparent size');
    await page.locator('.VPLocalSearchBox a.result', { hasText: 'Apparent size' }).first().click();
    await expect
      .poll(() => page.getByRole('heading', { level: 1 }).textContent())
      .toContain('Apparent size');
    expect(elsewhere()).toEqual([]);
  });
});
