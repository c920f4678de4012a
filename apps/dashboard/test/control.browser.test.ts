import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accessibilityFindings, holdRequests, launchBrowser, openPage } from '@fixres/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findRecordedDataset } from '../../../packages/runner/src/node/images/open-recorded-dataset.ts';
import { startDashboard } from '../server/index.ts';
import { makeRun, temporaryFolder } from './make-run.ts';
import { fixresProgram } from './trained-run.ts';

describe('control in a browser', { tags: 'browser' }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  const start = async (runs: string): Promise<string> => {
    const control = { program: fixresProgram, findDataset: findRecordedDataset };
    const dashboard = await startDashboard({
      runs,
      port: 0,
      logsEvery: 100,
      runsEvery: 200,
      control,
    });
    onTestFinished(() => dashboard.close());
    return dashboard.url;
  };

  it('starts a run, shows it live, stops it, resumes it to its end, and offers it again', async () => {
    const root = await temporaryFolder();
    const page = await openPage(browser, await start(root));
    await page.getByRole('link', { name: 'New run' }).click();
    await page.getByLabel('Name').fill('from-page');
    const fields = {
      'Small image size, pixels': 32,
      'Large image size, pixels': 56,
      'Stem width of the model': 4,
      'Epochs from scratch': 6,
      'Epochs of fine-tuning': 1,
      'Maximum number of images': 60,
    };
    for (const [label, value] of Object.entries(fields))
      await page.getByLabel(label).fill(String(value));
    await page.getByRole('button', { name: 'Start' }).press('Enter');

    // The page opens the run's curves once the run exists.
    await page.getByRole('heading', { name: 'from-page', exact: true }).waitFor();
    await page.getByRole('progressbar').waitFor();
    const step = page.locator('.lanes tbody td').first();
    await expect.poll(() => step.textContent()).toMatch(/\d/);
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
    expect(await page.locator('.status').first().textContent()).toBe('interrupted');
    const before = Number(await step.textContent());
    expect(before).toBeGreaterThan(0);

    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Stop' }).waitFor();
    await page.getByText('finished', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByRole('row', { name: /fixres − vanilla own/ }).waitFor();
    await page.getByText('Run folder:').waitFor();

    await page.getByRole('link', { name: 'Run again' }).click();
    expect(await page.getByLabel('Source').inputValue()).toBe('run:from-page');
    expect(await page.getByLabel('Name').inputValue()).toBe('from-page-2');
  });

  it('shows why a run could not be started or resumed', async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, 'broken.yaml'), 'version: 1\ndataset: synthetic\npreset: slow\n');
    await makeRun(join(root, 'killed'), { lock: null });
    const config = JSON.parse(
      await readFile(join(root, 'killed', 'config.json'), 'utf8'),
    ) as object;
    await writeFile(
      join(root, 'killed', 'config.json'),
      JSON.stringify({
        ...config,
        dataset: { source: 'photos-that-are-gone' },
        images: { train: '', heldOut: '' },
      }),
    );
    const url = await start(root);
    const page = await openPage(browser, `${url}?view=start`);
    await page.getByLabel('Source').selectOption('broken.yaml');
    await page.getByRole('button', { name: 'Start' }).click();
    await expect
      .poll(() => page.getByRole('alert').textContent())
      .toMatch(/^Experiment file ".*broken.yaml": preset is "slow"/);
    await page.goto(`${url}?view=run&run=killed`);
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByText(/^Data set "photos-that-are-gone" does not exist/).waitFor();
    await page.getByRole('button', { name: 'Resume' }).waitFor();
  });

  it('sends one request to start or resume a run, however often it is clicked', async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, 'broken.yaml'), 'version: 1\ndataset: synthetic\npreset: slow\n');
    await makeRun(join(root, 'killed'), { lock: null });
    const url = await start(root);
    const page = await openPage(browser, `${url}?view=start&from=file:broken.yaml`);
    const letStart = await holdRequests(page, /\/control\/start$/);
    await page.getByRole('button', { name: 'Start' }).click();
    await expect
      .poll(() => page.getByRole('button', { name: 'Starting…' }).isDisabled())
      .toBe(true);
    letStart();
    await page.getByRole('alert').waitFor();
    await page.goto(`${url}?view=run&run=killed`);
    const letResume = await holdRequests(page, /\/control\/resume$/);
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect
      .poll(() => page.getByRole('button', { name: 'Resuming…' }).isDisabled())
      .toBe(true);
    letResume();
    await page.getByRole('alert').waitFor();
    // Old output of a process no longer matters once its run has finished by other means.
    await writeFile(join(root, 'killed', 'summary.json'), '{}');
    await page.getByText('finished', { exact: true }).waitFor();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('offers nothing if control is disabled', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'live'));
    const dashboard = await startDashboard({ runs: root, port: 0 });
    onTestFinished(() => dashboard.close());
    const page = await openPage(browser, `${dashboard.url}?view=run&run=live`);
    await page.getByRole('progressbar').waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0);
    await page.goto(`${dashboard.url}?view=start`);
    await page.getByLabel('Select live').waitFor();
    expect(await page.getByText('New run').count()).toBe(0);
  });

  it('has no serious accessibility findings, and fits on a phone', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'killed'), { lock: null });
    const url = await start(root);
    const page = await openPage(browser, url);
    for (const query of ['view=start', 'view=run&run=killed']) {
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(`${url}?${query}`);
      await page.locator('.card').first().waitFor();
      await page.getByRole('link', { name: 'New run' }).waitFor();
      expect([query, await accessibilityFindings(page)]).toEqual([query, []]);
      await page.emulateMedia({ colorScheme: 'dark' });
      // Everything but contrast is the same in both modes.
      expect([query, await accessibilityFindings(page, ['color-contrast'], true)]).toEqual([
        query,
        [],
      ]);
      await page.setViewportSize({ width: 360, height: 740 });
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([query, overflow]).toEqual([query, 0]);
    }
  });
});
