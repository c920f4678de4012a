import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser, openPage } from '@fixres/testing';
import type { Browser, Page, Response } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CurvesAnswer, PredictionsPage, RunsAnswer } from '../shared/protocol.ts';
import { appendEvents, makeRun, progress, temporaryFolder } from './make-run.ts';
import { startWatching } from './start-watching.ts';

/**
 * Responses of the server with matching addresses, as they arrive: the page may show one before it is
 * in the list.
 */
function answersTo<T>(page: Page, pattern: RegExp): T[] {
  const answers: T[] = [];
  page.on('response', (response: Response) => {
    // Once the page is left, the body is no longer available.
    if (pattern.test(response.url()))
      response.json().then(
        (answer) => answers.push(answer as T),
        () => undefined,
      );
  });
  return answers;
}

describe('large runs and many runs in a browser', { tags: 'browser' }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());

  it('shows predictions page by page, and loads only what it shows', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'run');
    await makeRun(folder);
    const lines = Array.from(
      { length: 150 },
      (_, i) =>
        `${JSON.stringify({ file: `${String(i).padStart(3, '0')}.jpg`, label: i % 3 === 0 ? 'daisy' : 'aster', probabilities: [0.5 + i / 400, 0.5 - i / 400] })}\n`,
    );
    await writeFile(join(folder, 'predictions', 'small-seed0-resize@64.jsonl'), lines.join(''));
    const page = await openPage(browser, 'about:blank');
    const pages = answersTo<PredictionsPage>(page, /\/rows\?/);
    const url = await startWatching(root);
    await page.goto(`${url}?view=run&run=run&tab=predictions&kind=all&order=as+in+the+file`);
    const pictures = page.locator('.pictures li');
    const files = async (): Promise<(string | undefined)[]> =>
      (await pictures.locator('.code').allTextContents()).flatMap((text, i, all) =>
        i === 0 || i === all.length - 1 ? [text] : [],
      );
    await page.getByText('1 to 60 of 150').waitFor();
    expect([await pictures.count(), await files()]).toEqual([60, ['000.jpg', '059.jpg']]);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('61 to 120 of 150').waitFor();
    expect(await files()).toEqual(['060.jpg', '119.jpg']);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('121 to 150 of 150').waitFor();
    expect([
      await page.getByRole('button', { name: 'Next' }).isDisabled(),
      await pictures.count(),
    ]).toEqual([true, 30]);
    await page.getByLabel('True class').selectOption('daisy');
    await page.getByText('50 images').waitFor();
    expect([
      await pictures.count(),
      await page.getByRole('button', { name: 'Next' }).count(),
    ]).toEqual([50, 0]);
    await page.getByLabel('File name').fill('09');
    await expect.poll(files).toEqual(['009.jpg', '099.jpg']);
    await expect.poll(() => pages.length).toBeGreaterThan(4);
    for (const { rows } of pages) expect(rows.length).toBeLessThanOrEqual(60);
    // A page beyond the end shows the last one.
    await page.goto(
      `${url}?view=run&run=run&tab=predictions&kind=all&order=as+in+the+file&page=99`,
    );
    await page.getByText('121 to 150 of 150').waitFor();
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByText('61 to 120 of 150').waitFor();
  });

  it('loads the table of many runs page by page, and then only changes', async () => {
    const root = await temporaryFolder();
    await Promise.all(
      Array.from({ length: 450 }, (_, i) =>
        makeRun(join(root, `run-${String(i).padStart(3, '0')}`), {
          steps: 1,
          last: [{ type: 'run-end', seconds: 1 }],
        }),
      ),
    );
    const page = await openPage(browser, 'about:blank');
    const answers = answersTo<RunsAnswer>(page, /\/api\/runs(\?|$)/);
    const url = await startWatching(root);
    await page.goto(url);
    await page.getByRole('button', { name: 'Show more of 450 runs' }).waitFor();
    await expect.poll(() => answers.map(({ rows }) => rows.length)).toEqual([200, 200, 50]);
    const ids = answers.flatMap(({ rows }) => rows.map(({ id }) => id));
    for (const id of [ids[0]!, ids[449]!]) {
      await page.getByLabel('Filter').fill(id);
      await expect.poll(() => page.locator('tbody tr').count()).toBe(1);
      await page.getByRole('link', { name: id }).waitFor();
    }
    await page.getByRole('link', { name: ids[449]! }).click();
    await page.getByRole('heading', { name: 'Configuration' }).waitFor();
    // What the page already has is not sent again.
    const sizes: number[] = [];
    page.on('requestfinished', (request) => {
      if (/\/api\/runs(\?|$)/.test(request.url()))
        void request.sizes().then(({ responseBodySize }) => sizes.push(responseBodySize));
    });
    await page.goto(url);
    await page.getByRole('button', { name: 'Show more of 450 runs' }).waitFor();
    await expect.poll(() => sizes).toEqual([0, 0, 0]);
  });

  it('loads more detailed curves for a zoom, and again while the run grows', async () => {
    const root = await temporaryFolder();
    const folder = join(root, 'long');
    const lines = await makeRun(folder, { steps: 0 });
    const step = (n: number): ReturnType<typeof progress> =>
      progress(n, { steps: 8000, loss: n === 3333 ? 9 : 1 + 1 / n });
    await appendEvents(
      folder,
      lines,
      Array.from({ length: 6000 }, (_, i) => step(i + 1)),
    );
    const page = await openPage(browser, 'about:blank');
    const whole = answersTo<CurvesAnswer>(page, /\/curves$/);
    const parts = answersTo<CurvesAnswer>(page, /\/curves\?axis=step/);
    await page.goto(`${await startWatching(root)}?view=curves&runs=long&smooth=0`);
    const lastStep = page.locator('.lanes tbody td').first();
    await expect.poll(() => lastStep.textContent()).toBe('6,000');
    await expect.poll(() => [whole.length, parts.length]).toEqual([1, 0]);
    const { points } = whole[0]!.curves.lanes[0]!;
    expect(points.means.step!.length).toBeLessThanOrEqual(512);
    expect(Math.max(...points.high.loss!)).toBe(9);
    await page.goto(`${page.url()}&zoom=5900,6200`);
    await expect.poll(() => parts.length).toBe(1);
    const steps = parts[0]!.curves.lanes[0]!.points;
    expect([steps.stride, steps.means.step!.at(-1)]).toEqual([1, 6000]);
    expect(steps.means.step![0]).toBeLessThan(5900);
    await appendEvents(folder, lines + 6000, [step(6001), step(6002)]);
    await expect.poll(() => lastStep.textContent()).toBe('6,002');
    // Not at once, but soon, even if no more events arrive.
    await expect.poll(() => parts.at(-1)!.curves.lanes[0]!.points.last!.step).toBe(6002);
    expect(parts.length).toBeLessThan(4);
  });
});
