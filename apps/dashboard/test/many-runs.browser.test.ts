import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser, openPage } from '@fixres/testing';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Dashboard, startDashboard } from '../server/index.ts';
import { appendEvents, makeRun, progress, temporaryFolder } from './make-run.ts';

async function start(runs: string): Promise<Dashboard> {
  const dashboard = await startDashboard({ runs, port: 0, logsEvery: 100, runsEvery: 200 });
  onTestFinished(() => dashboard.close());
  return dashboard;
}

describe('many runs and tabs in a browser', { tags: 'browser' }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('draws the newest of very many selected runs live, says so, and restores this from the address', async () => {
    const root = await temporaryFolder();
    const names = Array.from(
      { length: 150 },
      (_, i) => `a sweep of learning rates and sizes/run-${String(i).padStart(3, '0')}`,
    );
    const lines: number[] = [];
    for (const name of names) lines.push(await makeRun(join(root, name)));
    const { url } = await start(root);
    const page = await openPage(browser, url);
    const asked: string[] = [];
    page.on('request', (request) => request.url().endsWith('/curves') && asked.push(request.url()));
    await page.getByLabel('Select all runs shown').check();
    await page.getByRole('link', { name: 'Curves of 150 runs' }).click();
    await page.getByText('The 64 newest of 150 selected runs are drawn.').waitFor();
    const rows = page.locator('.lanes tbody tr');
    await expect.poll(() => rows.count()).toBe(64);
    expect(asked).toHaveLength(64);
    expect(await page.getByRole('status').first().textContent()).toBe('Live');
    // All of them are live, not only the last ones viewed.
    await Promise.all(
      names.map((name, i) => appendEvents(join(root, name), lines[i] ?? 0, [progress(9)])),
    );
    await expect
      .poll(async () => new Set(await rows.locator('td:nth-child(2)').allTextContents()))
      .toEqual(new Set(['9']));
    // In the part of the address that is not sent to the server.
    expect(new URL(page.url()).hash.length).toBeGreaterThan(4000);
    await page.reload();
    await page.getByText('The 64 newest of 150 selected runs are drawn.').waitFor();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await expect.poll(() => page.locator('tbody input:checked').count()).toBe(150);
  });

  it('serves more tabs than a browser has connections, and continues in a tab that is shown again', async () => {
    const root = await temporaryFolder();
    const lines = await makeRun(join(root, 'live'));
    const dashboard = await start(root);
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const show = (state: 'hidden' | 'visible'): string =>
      `Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => '${state}' }); document.dispatchEvent(new Event('visibilitychange'))`;
    const pages: Page[] = [];
    for (let i = 0; i < 8; i++) {
      const page = await context.newPage();
      await page.goto(`${dashboard.url}?view=curves&runs=live`);
      await expect.poll(() => page.locator('.lanes tbody td').first().textContent()).toBe('3');
      // Headless browsers report every tab as visible.
      if (i < 7) await page.evaluate(show('hidden'));
      pages.push(page);
    }
    await expect.poll(() => dashboard.clients()).toBe(1);
    const asked: string[] = [];
    const [first] = pages;
    first!.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await appendEvents(join(root, 'live'), lines, [progress(8)]);
    await expect
      .poll(() => pages.at(-1)!.locator('.lanes tbody td').first().textContent())
      .toBe('8');
    expect(await first!.locator('.lanes tbody td').first().textContent()).toBe('3');
    await first!.evaluate(show('visible'));
    await expect.poll(() => first!.locator('.lanes tbody td').first().textContent()).toBe('8');
    expect(asked).toEqual(['/api/stream']);
  });

  it('retries curves that could not be loaded at first', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'));
    await makeRun(join(root, 'b'));
    const { url } = await start(root);
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    let isBroken = true;
    await page.route(/\/curves$/, (route) => (isBroken ? route.abort() : route.continue()));
    await page.goto(`${url}?view=curves&runs=a,b`);
    await page.getByText('Loading…').waitFor();
    await expect.poll(() => page.getByRole('status').first().textContent()).toBe('Live');
    isBroken = false;
    await expect.poll(() => page.locator('.lanes tbody tr').count()).toBe(2);
  });

  it('keeps showing a deleted run, and shows the next run with its name', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'gone'), { steps: 6 });
    const { url } = await start(root);
    const page = await openPage(browser, `${url}?view=run&run=gone&tab=curves`);
    const step = page.locator('.lanes tbody td').first();
    await expect.poll(() => step.textContent()).toBe('6');
    // Renamed in one step: while files are deleted one by one, the page could request the rest.
    await rename(join(root, 'gone'), join(await temporaryFolder(), 'gone'));
    await page.getByText('This run is no longer in the runs folder.').waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('heading', { name: 'Configuration' }).waitFor();
    await page.getByRole('link', { name: 'Curves', exact: true }).last().click();
    await makeRun(join(root, 'gone'), { steps: 2 });
    await page
      .getByText('This run is no longer in the runs folder.')
      .waitFor({ state: 'detached' });
    await expect.poll(() => step.textContent()).toBe('2');
  });

  it('opens broken addresses', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, '100%'));
    const { url } = await start(root);
    const page = await openPage(
      browser,
      `${url}?runs=100%25,%E0%A4%A&columns=%25E0&group=status&rows=many`,
    );
    await expect.poll(() => page.getByLabel('Select 100%').isChecked()).toBe(true);
    for (const query of [
      'view=%ff&run=%ff&tab=nothing',
      'view=curves&zoom=a,b&x=no&smooth=9&pin=%25&hide=%25',
      'view=run&run=100%25&tab=curves&zoom=0,Infinity',
    ]) {
      await page.goto(`${url}?${query}`);
      await page.getByRole('status').first().getByText('Live').waitFor();
      expect([query, (await page.locator('main').textContent())!.length > 0]).toEqual([
        query,
        true,
      ]);
    }
  });

  it('keeps the rest of the page if a view fails', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'a'));
    const { url } = await start(root);
    const page = await openPage(browser, url);
    await page.route(/\/api\/runs\/a$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ json: { ...((await response.json()) as object), predictions: null } });
    });
    await page.goto(`${url}?view=run&run=a&tab=predictions`);
    await page.getByRole('alert').getByText('This view cannot be shown').waitFor();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('rowheader').getByRole('link', { name: 'a' }).click();
    await page.getByRole('heading', { name: 'Configuration' }).waitFor();
  });
});
