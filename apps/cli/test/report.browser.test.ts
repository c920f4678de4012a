// Functions given to `page.evaluate` run in the page; the build of the sources has no DOM types.
/// <reference lib="dom" />
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../src/report/render-report.ts';
import { browserMissing, launchBrowser } from './browser.ts';
import { flowersSummary, reportInput } from './report-data.ts';

const missing = browserMissing();

describe.skipIf(missing !== undefined)(`report in a browser${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  let browser: Browser | undefined;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fixres-report-'));
    const summary = flowersSummary(3);
    // A long name without a place to break is the hardest for narrow screens.
    summary.arms[3]!.name = 'vanilla_from_scratch_at_the_large_size_for_thirty_epochs';
    for (const c of summary.comparisons) if (c.b === 'vanilla') c.b = summary.arms[3]!.name;
    writeFileSync(join(folder, 'report.html'), renderReport(reportInput(summary)));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(width: number, colorScheme: 'light' | 'dark'): Promise<{ page: Page; complaints: string[] }> {
    const url = pathToFileURL(join(folder, 'report.html')).href;
    const page = await browser!.newPage({ viewport: { width, height: 844 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(url, { waitUntil: 'load' });
    return { page, complaints };
  }

  test.each([
    [1200, 'light'],
    [1200, 'dark'],
    [390, 'light'],
    [390, 'dark'],
  ] as const)('at %s px, %s: readable, quiet, without requests, not wider than the window', async (width, scheme) => {
    const { page, complaints } = await open(width, scheme);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    const tables = page.getByRole('table');
    expect(await tables.count()).toBe(3);
    for (const table of await tables.all()) expect(await table.isVisible()).toBe(true);
    expect(await page.locator('figure:visible').count()).toBe(5);
    expect(await page.evaluate(lowContrast)).toEqual([]);
    expect(await page.evaluate(brokenPictures)).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('draws the same report in two colour schemes', async () => {
    const backgrounds = await Promise.all(
      (['light', 'dark'] as const).map(async (scheme) => {
        const { page } = await open(1200, scheme);
        const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        await page.close();
        return background;
      }),
    );
    expect(backgrounds[0]).not.toBe(backgrounds[1]);
  });

  test('gives its charts and pictures names, and its tables captions and headers', async () => {
    const { page } = await open(1200, 'light');
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('svg:not(svg svg)')]
        .filter((svg) => svg.getAttribute('aria-hidden') !== 'true')
        .filter((svg) => svg.getAttribute('role') !== 'img' || !svg.querySelector('title')?.textContent)
        .map((svg) => svg.outerHTML),
    );
    expect(unnamed).toEqual([]);
    expect(await page.getByRole('img', { name: 'Held-out accuracy' }).count()).toBe(1);
    expect(await page.getByRole('img', { name: 'daisy, seen through fixresTest@224' }).count()).toBe(1);
    expect(await page.getByRole('table', { name: 'Arms' }).getByRole('rowheader').count()).toBe(4);
    expect(await page.getByRole('table', { name: 'Comparisons' }).getByRole('columnheader').count()).toBe(5);
    await page.close();
  });

  test('opens its details by a click and prints them open', async () => {
    const { page } = await open(1200, 'light');
    const configuration = page.getByText('"finetuneEpochs": 10');
    expect(await configuration.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect(await configuration.isVisible()).toBe(true);
    await page.emulateMedia({ media: 'screen' });
    expect(await configuration.isVisible()).toBe(false);
    await page.getByText('Configuration', { exact: true }).click();
    expect(await configuration.isVisible()).toBe(true);
    await page.close();
  });
});

/** Texts whose contrast with their background is under WCAG AA (4.5:1), and arm colours under 3:1. Runs in the page. */
function lowContrast(): string[] {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number => {
    const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    const [r = 0, g = 0, b = 0] = channels(color).map((c) => linear(c / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const backgroundOf = (element: Element | null): string => {
    if (!element) return 'rgb(255, 255, 255)';
    const color = getComputedStyle(element).backgroundColor;
    return (channels(color)[3] ?? 1) === 0 ? backgroundOf(element.parentElement) : color;
  };
  const contrast = (element: Element, color: string): number => {
    const [light, dark] = [luminance(color), luminance(backgroundOf(element))].sort((x, y) => y - x) as [number, number];
    return (light + 0.05) / (dark + 0.05);
  };
  const found: string[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement!;
    if (!node.textContent?.trim() || ['title', 'desc', 'STYLE'].includes(parent.tagName)) continue;
    const style = getComputedStyle(parent);
    const ratio = contrast(parent, parent instanceof SVGElement ? style.fill : style.color);
    if (ratio < 4.5) found.push(`${ratio.toFixed(2)}: ${node.textContent.trim()}`);
  }
  for (const drawing of document.querySelectorAll('svg[class*="arm-"]')) {
    const ratio = contrast(drawing, getComputedStyle(drawing).color);
    if (ratio < 3) found.push(`${ratio.toFixed(2)}: ${drawing.getAttribute('class')}`);
  }
  return found;
}

/** Pictures that the browser could not decode. Runs in the page. */
function brokenPictures(): string[] {
  return [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.alt);
}
