import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser, openPage } from '@fixres/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendEvents, makeRun, progress, temporaryFolder } from './make-run.ts';
import { startWatching } from './start-watching.ts';

describe('a growing run in a browser', { tags: 'browser' }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('shows the results of finished arms while the run continues', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'live');
    const lines = await makeRun(folder);
    const page = await openPage(
      browser,
      `${await startWatching(root)}?view=run&run=live&tab=predictions`,
    );
    await page.getByText('No predictions yet').waitFor();
    const predictions = (images: number): string =>
      Array.from(
        { length: images },
        (_, i) =>
          `${JSON.stringify({ file: `${i}.jpg`, label: 'aster', probabilities: [0.1, 0.9] })}\n`,
      ).join('');
    await writeFile(join(folder, 'predictions', 'small-seed0-resize@64.jsonl'), predictions(3));
    await expect.poll(() => page.locator('.pictures li').count()).toBe(3);
    await writeFile(join(folder, 'predictions', 'small-seed0-resize@112.jsonl'), predictions(4));
    await page.getByLabel('Test policy').selectOption('resize@112');
    await expect.poll(() => page.locator('.pictures li').count()).toBe(4);
    await page.getByRole('link', { name: 'Try it' }).click();
    await mkdir(join(folder, 'models', 'small-seed0'));
    await page.getByLabel('Model').waitFor();
    expect(await page.locator('.status').first().textContent()).toMatch(/^small, epoch 1 of 2/);
    await appendEvents(folder, lines, [
      { ...progress(2), phase: 'evaluate', epoch: 1, step: 2, steps: 7 } as ReturnType<
        typeof progress
      >,
    ]);
    await expect
      .poll(() => page.locator('.status').first().textContent())
      .toMatch(/^small, evaluation, batch 2 of 7/);
  });

  it('opens a run whose summary is from another program', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'foreign'), { last: [{ type: 'run-end', seconds: 1 }] });
    await writeFile(
      join(root, 'foreign', 'summary.json'),
      JSON.stringify({
        arms: [{ name: 'left', trainSize: 3 }, { joints: 7 }],
        comparisons: 'none',
      }),
    );
    const url = await startWatching(root);
    const page = await openPage(browser, url);
    for (const tab of [
      'overview',
      'size',
      'crops',
      'layers',
      'activations',
      'confusion',
      'calibration',
      'predictions',
      'try',
    ]) {
      await page.goto(`${url}?view=run&run=foreign&tab=${tab}`);
      await page.locator('main .card, main .notice, main .drop').first().waitFor();
      expect([tab, await page.getByRole('alert').count()]).toEqual([tab, 0]);
    }
  });
});
