// Functions given to `page.evaluate` run in the page; the build of the sources has no DOM types.
/// <reference lib="dom" />
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { accessibilityFindings, launchBrowser } from '@fixres/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '@fixres/runs/report';
import {
  emptyRun,
  failedRun,
  flowersSummary,
  manyArms,
  reportInput,
  reportRun,
} from '../../../packages/runs/test/report-data.ts';

describe('the report in a browser', { tags: 'browser' }, () => {
  let browser: Browser | undefined;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fixres-report-'));
    const summary = flowersSummary(3);
    // A long name without break opportunities is hardest for narrow screens.
    summary.arms[3]!.name = 'vanilla_from_scratch_at_the_large_size_for_thirty_epochs';
    for (const c of summary.comparisons) if (c.b === 'vanilla') c.b = summary.arms[3]!.name;
    writeFileSync(join(folder, 'report.html'), renderReport(reportInput(summary)));
    writeFileSync(join(folder, 'failed.html'), renderReport({ runs: [failedRun()] }));
    writeFileSync(
      join(folder, 'several.html'),
      renderReport({ runs: [reportRun(), failedRun(), emptyRun()] }),
    );
    // More arms than there are colours and marks.
    writeFileSync(join(folder, 'many.html'), renderReport(reportInput(manyArms(9))));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(
    width: number,
    colorScheme: 'light' | 'dark',
    file = 'report.html',
  ): Promise<{ page: Page; complaints: string[] }> {
    const url = pathToFileURL(join(folder, file)).href;
    const page = await browser!.newPage({ viewport: { width, height: 844 }, colorScheme });
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:'))
        complaints.push(`request: ${request.url()}`);
    });
    await page.goto(url, { waitUntil: 'load' });
    return { page, complaints };
  }

  test.each([
    [1200, ['light', 'dark'], 'report.html'],
    [390, ['light', 'dark'], 'report.html'],
    [390, ['light'], 'failed.html'],
    [1200, ['dark'], 'failed.html'],
    [390, ['dark'], 'several.html'],
    [1200, ['light'], 'several.html'],
    [390, ['light'], 'many.html'],
    [1200, ['dark'], 'many.html'],
  ] as const)(
    'at %s px, %j, %s: is readable, accessible, makes no requests, and is not wider than the window',
    async (width, schemes, file) => {
      const { page, complaints } = await open(width, schemes[0], file);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        width,
      );
      // Hidden details must be as good. The slow checker runs once, with everything shown.
      await page.evaluate(() =>
        document.querySelectorAll('details').forEach((details) => (details.open = true)),
      );
      for (const [i, colorScheme] of schemes.entries()) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
          width,
        );
        // Everything but contrast is the same in both schemes.
        const isSecond = i > 0;
        expect(
          await accessibilityFindings(page, isSecond ? ['color-contrast'] : [], isSecond),
        ).toEqual([]);
        expect(await page.evaluate(lowContrast)).toEqual([]);
        expect(await page.evaluate(brokenPictures)).toEqual([]);
      }
      expect(complaints).toEqual([]);
      await page.close();
    },
  );

  test('shows its tables and figures', async () => {
    const { page } = await open(1200, 'light');
    const tables = page.locator('table:visible');
    // Arms, evaluations, comparisons, costs, one confusion matrix per arm, classes, quality of the
    // probabilities, calibration.
    expect(await tables.count()).toBe(4 + 4 + 3);
    for (const table of await tables.all()) expect(await table.locator('caption').count()).toBe(1);
    for (const name of ['Under resize', 'Held-out accuracy', 'Training loss'])
      expect(await page.getByRole('img', { name, exact: true }).isVisible()).toBe(true);
    await page.close();
  });

  test.each(['report.html', 'many.html', 'several.html', 'failed.html'])(
    'has every number of every chart in a table: %s',
    async (file) => {
      const { page } = await open(1200, 'light', file);
      const { charts, bare } = await page.evaluate(numbersWithoutTable);
      expect(bare).toEqual([]);
      expect(charts).toBeGreaterThan(5);
      await page.close();
    },
  );

  test('detects a number that no table has', async () => {
    const { page } = await open(1200, 'light');
    await page.evaluate(() =>
      document
        .querySelector('#costs')!
        .closest('section')!
        .querySelector('table tbody tr:last-child')!
        .remove(),
    );
    expect((await page.evaluate(numbersWithoutTable)).bare.join()).toMatch(
      /^Training time: vanilla/,
    );
    await page.close();
  });

  test('can be navigated by keyboard: contents, tables and details', async () => {
    const { page } = await open(1200, 'light');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement!.textContent)).toBe('Accuracy');
    await page.keyboard.press('Enter');
    expect(new URL(page.url()).hash).toBe('#accuracy');
    await page.getByText('Numbers behind the chart').first().focus();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('table', { name: 'Apparent size' }).isVisible()).toBe(true);
    await page.close();
  });

  test('prints all its pages with their numbers', async () => {
    const { page } = await open(1200, 'dark', 'several.html');
    await page.emulateMedia({ media: 'print' });
    expect(await page.getByText('Confidence and accuracy of small').first().isVisible()).toBe(true);
    expect(await page.locator('nav:visible').count()).toBe(0);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    const pdf = (await page.pdf({ format: 'A4', printBackground: true })).toString('latin1');
    expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(3);
    await page.close();
  });

  test('prints many arms without cutting anything off', async () => {
    const { page } = await open(1200, 'light', 'many.html');
    await page.emulateMedia({ media: 'print' });
    // As wide as A4 within the margins of the page.
    await page.setViewportSize({ width: 688, height: 1000 });
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll('figure, table, pre')]
        .filter(
          (each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1,
        )
        .map((each) => each.textContent.slice(0, 80)),
    );
    expect(cut).toEqual([]);
    const pdf = (await page.pdf({ format: 'A4', printBackground: true })).toString('latin1');
    expect(pdf.match(/\/Type \/Page\b/g)!.length).toBeGreaterThan(5);
    await page.close();
  });

  test('draws the same report in two colour schemes', async () => {
    const backgrounds = await Promise.all(
      (['light', 'dark'] as const).map(async (scheme) => {
        const { page } = await open(1200, scheme);
        const background = await page.evaluate(
          () => getComputedStyle(document.body).backgroundColor,
        );
        await page.close();
        return background;
      }),
    );
    expect(backgrounds[0]).not.toBe(backgrounds[1]);
  });

  test('has names for charts and pictures, and captions and headers for tables', async () => {
    const { page } = await open(1200, 'light');
    const unnamed = await page.evaluate(() =>
      [...document.querySelectorAll('svg:not(svg svg)')]
        .filter((svg) => svg.getAttribute('aria-hidden') !== 'true')
        .filter(
          (svg) => svg.getAttribute('role') !== 'img' || !svg.querySelector('title')?.textContent,
        )
        .map((svg) => svg.outerHTML),
    );
    expect(unnamed).toEqual([]);
    expect(await page.getByRole('img', { name: 'Held-out accuracy' }).count()).toBe(1);
    expect(
      await page.getByRole('img', { name: 'daisy, seen through fixresTest@224' }).count(),
    ).toBe(1);
    expect(
      await page.getByRole('table', { name: 'Arms: what they are' }).getByRole('rowheader').count(),
    ).toBe(4);
    expect(
      await page.getByRole('table', { name: 'Comparisons' }).getByRole('columnheader').count(),
    ).toBe(5);
    await page.close();
  });

  test('opens its details on click and prints them open', async () => {
    const { page } = await open(1200, 'light');
    const configuration = page.getByText('"batchSize": 32');
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

/**
 * Texts with a contrast below WCAG AA (4.5:1) to their background, and arm colours below 3:1. Runs
 * in the page.
 */
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
    const [light, dark] = [luminance(color), luminance(backgroundOf(element))].sort(
      (x, y) => y - x,
    ) as [number, number];
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

/**
 * Charts whose text alternative contains numbers that are in no table of the same figure, or of the
 * same section if the figure has none. Runs in the page.
 */
function numbersWithoutTable(): { charts: number; bare: string[] } {
  const numbersIn = (text: string): string[] => text.match(/\d[\d,]*(?:\.\d+)?/g) ?? [];
  const textOf = (parts: Iterable<Element>): string =>
    Array.from(parts, ({ textContent }) => textContent).join(' ');
  const figures = [...document.querySelectorAll('figure')].filter((figure) =>
    figure.querySelector('svg[role="img"]'),
  );
  const bare = figures.flatMap((figure) => {
    const place = figure.querySelector('table') ? figure : figure.closest('section')!;
    const known = new Set(
      numbersIn(
        textOf(
          [...place.querySelectorAll('table')].flatMap((table) => [
            ...table.querySelectorAll('caption, th, td'),
          ]),
        ),
      ),
    );
    return [...figure.querySelectorAll('svg[role="img"]')].flatMap((chart) => {
      const words = textOf(chart.querySelectorAll(':scope > title, :scope > desc'));
      const missing = numbersIn(words).filter((number) => !known.has(number));
      return missing.length === 0
        ? []
        : [`${figure.querySelector('h3')?.textContent ?? ''}: ${words} (${missing.join(' and ')})`];
    });
  });
  return { charts: figures.length, bare };
}

/** Pictures that the browser could not decode. Runs in the page. */
function brokenPictures(): string[] {
  return [...document.images].filter((image) => image.naturalWidth === 0).map((image) => image.alt);
}
