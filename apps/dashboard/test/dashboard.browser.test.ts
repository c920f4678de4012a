import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Summary, ValueSpread } from '@fixres/runs';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openRecordedDataset } from '../../../packages/runner/src/node/images/open-recorded-dataset.ts';
import { defaultCacheFolder } from '@fixres/engine';
import { accessibilityFindings, holdRequests, launchBrowser, openPage } from '@fixres/testing';
import { startDashboard, type Dashboard, type DashboardOptions } from '../server/index.ts';
import type { PredictionsPage } from '../shared/protocol.ts';
import { appendEvents, makeRun, progress, temporaryFolder } from './make-run.ts';
import { fixres, type TrainedRuns, trainedRuns } from './trained-run.ts';

/** The compared part of the output of `fixres predict --json` for an image. */
interface Prediction {
  probabilities: Record<string, number>;
}

function sorted({ probabilities }: Prediction): number[] {
  return Object.values(probabilities).sort((a, b) => b - a);
}

/** Waits until the address has a field. The address follows the view with a short delay. */
async function inAddress(page: Page, name: string, value: unknown): Promise<void> {
  await expect.poll(() => new URL(page.url()).searchParams.get(name)).toEqual(value);
}

/** Drops a file on the page as a user does. */
async function drop(page: Page, name: string, bytes: Buffer): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, text]) => {
      const page = globalThis as unknown as {
        DataTransfer: new () => { items: { add: (file: File) => void } };
      };
      const dropped = new page.DataTransfer();
      dropped.items.add(
        new File([Uint8Array.from(atob(text!), (letter) => letter.charCodeAt(0))], fileName!, {
          type: 'image/jpeg',
        }),
      );
      return dropped;
    },
    [name, bytes.toString('base64')],
  );
  await page.dispatchEvent('.drop', 'drop', { dataTransfer: transfer });
}

async function start(runs: string, options: Partial<DashboardOptions> = {}): Promise<Dashboard> {
  const dashboard = await startDashboard({
    runs,
    port: 0,
    logsEvery: 100,
    runsEvery: 200,
    openDataset: openRecordedDataset(defaultCacheFolder()),
    ...options,
  });
  onTestFinished(() => dashboard.close());
  return dashboard;
}

describe('the dashboard in a browser', { tags: 'browser' }, () => {
  let browser: Browser;
  let trained: TrainedRuns;
  beforeAll(async () => {
    [browser, trained] = await Promise.all([launchBrowser(), trainedRuns()]);
  });
  afterAll(async () => {
    await browser.close();
    await trained.remove();
  });

  const open = async (
    query: string,
    options: Parameters<typeof openPage>[2] = {},
  ): Promise<Page> => {
    await trained.train();
    const { url } = await start(trained.root);
    return openPage(browser, `${url}?${query}`, options);
  };

  it('sorts, filters, groups and selects runs, and stores this in the address', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'run-2'), {
      learningRate: 0.01,
      last: [{ type: 'run-end', seconds: 1 }],
    });
    await makeRun(join(root, 'run-10'), { learningRate: 0.001 });
    await makeRun(join(root, 'run-1'), {
      learningRate: 0.01,
      last: [{ type: 'run-failed', message: 'Out of memory.' }],
    });
    const { url } = await start(root);
    const page = await openPage(browser, url);
    const names = (): Promise<string[]> => page.locator('tbody th[scope=row]').allTextContents();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    expect(await names()).toEqual(['run-1', 'run-2', 'run-10']);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('schedule.rate:0.01 run');
    expect(await names()).toEqual(['run-1', 'run-2']);
    await page.getByLabel('Group by').selectOption('status');
    expect(await page.locator('.group').allTextContents()).toEqual([
      expect.stringContaining('failed'),
      expect.stringContaining('finished'),
    ]);
    await page.getByRole('searchbox', { name: 'Filter' }).fill('');
    await page.getByLabel('Select run-2').check();
    await page.getByLabel('Select run-10').check();
    const diff = page.getByRole('region', { name: 'Settings of the selected runs' });
    expect(
      await diff.getByRole('row', { name: /small.schedule.rate/ }).allTextContents(),
    ).toHaveLength(1);
    const { length } = await diff.getByRole('row').all();
    await inAddress(page, 'runs', 'run-2,run-10');
    await page.reload();
    expect(await page.getByLabel('Select run-2').isChecked()).toBe(true);
    expect(await diff.getByRole('row').count()).toBe(length);
    expect(await page.getByLabel('Group by').inputValue()).toBe('status');
    // Runs that are filtered out stay selected.
    await page.getByRole('searchbox', { name: 'Filter' }).fill('run-10');
    await page.getByRole('link', { name: 'Curves of 2 runs' }).waitFor();
    await page.getByLabel('Select all runs shown').uncheck();
    await page.getByRole('link', { name: 'Curves of 1 run', exact: true }).waitFor();
  });

  it('opens the folder of one run', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'only'));
    const { url } = await start(join(root, 'only'));
    const page = await openPage(browser, url);
    await page.getByRole('link', { name: 'only' }).click();
    await page.getByRole('heading', { name: 'Configuration' }).waitFor();
    await page.getByRole('link', { name: 'Curves', exact: true }).last().click();
    await expect.poll(() => page.locator('.lanes tbody td').first().textContent()).toBe('3');
  });

  it('does not claim that there are no runs before they are loaded', async () => {
    const root = await temporaryFolder();
    const { url } = await start(root);
    const page = await openPage(browser, 'about:blank');
    const answer = await holdRequests(page, /\/api\/runs$/);
    await page.goto(url);
    await page.getByText('Loading…').waitFor();
    expect(await page.getByText('No runs yet').count()).toBe(0);
    await page.getByRole('link', { name: 'Curves' }).click();
    await page.getByText('Loading…').waitFor();
    expect(await page.getByText('No runs to show').count()).toBe(0);
    answer();
    await page.getByText('No runs to show').waitFor();
  });

  it('shows live progress and new runs, and reconnects when the server is back', async () => {
    const root = await temporaryFolder();
    let lines = await makeRun(join(root, 'live'));
    const first = await start(root);
    const page = await openPage(browser, `${first.url}?view=curves&runs=live`);
    const step = page.locator('.lanes tbody td').first();
    await expect.poll(() => step.textContent()).toBe('3');
    await appendEvents(join(root, 'live'), lines, [progress(7), progress(8)]);
    lines += 2;
    await expect.poll(() => step.textContent()).toBe('8');
    const { port } = first;
    await first.close();
    await expect.poll(() => page.getByRole('status').first().textContent()).toMatch(/trying again/);
    await appendEvents(join(root, 'live'), lines, [progress(20)]);
    await start(root, { port });
    await expect.poll(() => step.textContent()).toBe('20');
    await expect.poll(() => page.getByRole('status').first().textContent()).toBe('Live');
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await expect
      .poll(() => page.locator('tbody').first().textContent())
      .toMatch(/small, epoch 1 of 2 · 1\u00a0min 0\u00a0s left/);
    await makeRun(join(root, 'second'));
    await page.getByLabel('Select second').waitFor();
    await rm(join(root, 'second'), { recursive: true });
    await page.getByLabel('Select second').waitFor({ state: 'detached' });
  });

  it('follows a running training', async () => {
    const { url } = await start(trained.root);
    const page = await openPage(browser, url);
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor();
    // The first test of this run; the others show it.
    const ended = trained.train();
    await page.getByRole('progressbar').waitFor();
    await page.getByRole('link', { name: trained.run }).click();
    await ended;
    await page.getByRole('heading', { name: 'Comparisons' }).waitFor();
    expect(await page.getByRole('row', { name: /fixres − vanilla own/ }).count()).toBe(1);
  });

  it('draws 100,000 points, zooms by mouse and keyboard, pins and hides', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'long'), { steps: 100_000 });
    const { url } = await start(root);
    const page = await openPage(browser, `${url}?view=curves&runs=long`);
    const charts = page.locator('.chart');
    await charts.first().locator('canvas').waitFor();
    expect(await charts.count()).toBe(6);
    const box = (await charts.first().locator('.u-over').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.25, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
    await page.mouse.up();
    const zoom = (): number[] =>
      new URL(page.url()).searchParams.get('zoom')?.split(',').map(Number) ?? [];
    await expect.poll(zoom).not.toEqual([]);
    const [low, high] = zoom();
    expect([low! / 100_000, high! / 100_000]).toEqual([
      expect.closeTo(0.25, 1),
      expect.closeTo(0.5, 1),
    ]);
    await page.getByRole('button', { name: 'Zoom in' }).press('Enter');
    await expect.poll(zoom).not.toEqual([low, high]);
    const zoomed = zoom();
    expect(zoomed[1]! - zoomed[0]!).toBeCloseTo((high! - low!) / 2, -2);
    await page.getByRole('button', { name: 'Pin Held-out accuracy' }).click();
    expect(await charts.first().getAttribute('aria-label')).toBe('Held-out accuracy');
    await page.getByLabel('Show small').uncheck();
    await page.getByText('All lines are hidden.').waitFor();
    await inAddress(page, 'pin', 'heldOutAccuracy');
    // Another run may not have that part.
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByRole('rowheader').getByRole('link', { name: 'long' }).click();
    await inAddress(page, 'zoom', null);
  });

  it('shows the effect of another test size, by mouse and keyboard', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=size&size=56`);
    const row = page.getByRole('row', { name: /^ ?small/ });
    await expect
      .poll(() => row.textContent())
      .toMatch(/% measured[\d.]+\u00a0[kMG], × [\d.]+ of training\d\.\d\d/);
    await page.getByRole('slider').press('ArrowLeft');
    await page.getByRole('heading', { name: 'At 55 px' }).waitFor();
    expect(await row.textContent()).toMatch(/≈/);
    const size = async (): Promise<number> => Number(await page.getByRole('slider').inputValue());
    const plot = (await page.locator('.size-plot').boundingBox())!;
    const at = (part: number): [number, number] => [
      plot.x + plot.width * part,
      plot.y + plot.height / 2,
    ];
    await page.mouse.move(...at(0.8));
    expect(await size()).toBe(55);
    await page.mouse.down();
    const dragged: number[] = [];
    for (const part of [0.7, 0.5, 0.3]) {
      await page.mouse.move(...at(part), { steps: 3 });
      await expect.poll(size).not.toBe(dragged.at(-1) ?? 55);
      dragged.push(await size());
      // The numbers update while the button is held.
      await page.getByRole('heading', { name: `At ${dragged.at(-1)} px` }).waitFor();
    }
    await page.mouse.up();
    await page.mouse.move(...at(0.9), { steps: 3 });
    expect([dragged.toSorted((a, b) => b - a), new Set(dragged).size, await size()]).toEqual([
      dragged,
      3,
      dragged.at(-1),
    ]);
    await inAddress(page, 'size', String(dragged.at(-1)));
  });

  it('shows a photo as seen in training and evaluation', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=crops&arm=small`);
    await page.locator('[data-ready]').waitFor();
    const train = page.getByRole('img', { name: /^Training: sampledBoundingBoxCrop at 32/ });
    const pixels = (): Promise<string> =>
      train.evaluate((canvas) => (canvas as unknown as { toDataURL: () => string }).toDataURL());
    const before = await pixels();
    await page.getByRole('button', { name: 'Draw again' }).click();
    await expect.poll(pixels).not.toBe(before);
    await page.getByLabel('Test policy').selectOption('shortSideCrop');
    await page.getByRole('img', { name: 'Test: shortSideCrop at 32 pixels' }).waitFor();
    expect(await page.locator('.crop-test').count()).toBe(1);
  });

  it('shows a photo of the user until one of the run is chosen', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=crops&arm=small`);
    const caption = page.locator('figcaption b').first();
    const first = await caption.textContent();
    await page.getByRole('button', { name: 'Draw again' }).press('Tab');
    const field = page.locator('label', { hasText: 'Open a photo…' });
    // The focused element is invisible; its label is visible.
    expect(
      await field.evaluate(
        (label) =>
          (
            globalThis as unknown as {
              getComputedStyle: (element: unknown) => { outlineStyle: string };
            }
          ).getComputedStyle(label).outlineStyle,
      ),
    ).toBe('solid');
    const buffer = await sharp({
      create: { width: 90, height: 60, channels: 3, background: '#486' },
    })
      .png()
      .toBuffer();
    const photo = { name: 'mine.png', mimeType: 'image/png', buffer };
    for (let times = 0; times < 2; times++) {
      await page.getByLabel('Open a photo…').setInputFiles(photo);
      await expect.poll(() => caption.textContent()).toBe('mine.png');
      expect(await page.locator('.strip [aria-pressed=true]').count()).toBe(0);
      await page.locator('.strip button').first().click();
      await expect.poll(() => caption.textContent()).toBe(first);
    }
    await page
      .getByLabel('Open a photo…')
      .setInputFiles({ name: 'x.txt', mimeType: 'text/plain', buffer: Buffer.from('no photo') });
    await page.getByText('The browser cannot read this file as an image').waitFor();
  });

  it('colours the layers by which of them train', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=layers&arm=fixres`);
    await page.locator('[data-ready]').waitFor();
    const training = await page.locator('.layers li.train .code').allTextContents();
    expect(training).toEqual(['post_bn', 'predictions']);
    await page.locator('select').first().selectOption('small');
    await expect.poll(() => page.locator('.layers li.train').count()).toBeGreaterThan(20);
    expect(await page.locator('.layers li.freeze').count()).toBe(0);
  });

  it('shows activations by test size, before and after fine-tuning', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=activations&policy=resize`);
    const { arms } = JSON.parse(
      await readFile(join(trained.root, trained.run, 'summary.json'), 'utf8'),
    ) as Summary;
    const small = arms
      .find(({ name }) => name === 'small')!
      .activations!.find(({ policy, size }) => policy === 'resize' && size === 32)!;
    const row = page
      .getByRole('region', { name: 'Activations by test size' })
      .getByRole('row', { name: /^ ?small 32 px/ });
    const cells = (): Promise<string[]> => row.getByRole('cell').allTextContents();
    const expected = ({ mean, sd, zeros }: ValueSpread): unknown[] => [
      '32 px',
      String(Number(mean.toPrecision(3))),
      String(Number(sd.toPrecision(3))),
      `${(zeros * 100).toFixed(1)}\u00a0%`,
    ];
    await row.waitFor();
    expect((await cells()).slice(0, 4)).toEqual(expected(small.map));
    await page.getByRole('combobox', { name: /^Activations/ }).selectOption('after pooling');
    await expect.poll(async () => (await cells()).slice(0, 4)).toEqual(expected(small.pooled));
    await page
      .getByRole('img', {
        name: /^Quantiles of fixres, after fine-tuning small against the test size/,
      })
      .waitFor();
    await inAddress(page, 'part', 'after pooling');
    await page.reload();
    expect(await page.getByRole('combobox', { name: /^Activations/ }).inputValue()).toBe(
      'after pooling',
    );
  });

  it('reports missing activations', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'going-on'));
    await makeRun(join(root, 'without'), { last: [{ type: 'run-end', seconds: 1 }] });
    const arm = { name: 'small', trainSize: 64, evaluations: [], ownEvaluation: 0, curves: [] };
    await writeFile(
      join(root, 'without', 'summary.json'),
      JSON.stringify({ arms: [arm], comparisons: [] }),
    );
    const { url } = await start(root);
    const page = await openPage(browser, `${url}?view=run&run=going-on&tab=activations`);
    await page
      .getByText('No result yet; activations are measured when an arm is evaluated.')
      .waitFor();
    await page.goto(`${url}?view=run&run=without&tab=activations`);
    await page.getByText('Activations were not measured in this run.').waitFor();
  });

  it('shows the images behind a cell of the confusion matrix, and all predictions', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=confusion`);
    const cells = page.locator('.matrix button');
    await cells.first().waitFor();
    const counts = (await cells.allTextContents()).map(Number);
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(18);
    const most = counts.indexOf(Math.max(...counts));
    await cells.nth(most).click();
    const images = page.locator('.pictures img');
    await expect.poll(() => images.count()).toBe(counts[most]);
    await expect
      .poll(() =>
        images
          .first()
          .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBeGreaterThan(50);
    await page.getByRole('link', { name: 'Predictions' }).click();
    await page.getByLabel('Show').selectOption('all');
    await expect.poll(() => page.locator('.pictures li').count()).toBe(18);
  });

  it('shows how well confidences fit, before and after temperature scaling', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=calibration`);
    await page.getByRole('img', { name: /^Reliability of / }).waitFor();
    await page.getByText('The numbers of the diagram').click();
    const rows = page.getByRole('region', { name: 'Confidence and accuracy' }).locator('tbody tr');
    const images = (await rows.locator('td:nth-child(2)').allTextContents()).map(Number);
    expect(images.reduce((sum, each) => sum + each, 0)).toBe(18);
    await expect.poll(() => page.locator('.reliability circle').count()).toBe(images.length);
    await page.getByRole('columnheader', { name: 'Scaled' }).waitFor();
  });

  it('never shows the numbers of one arm under the name of another', async () => {
    const page = await open(`view=run&run=${trained.run}&tab=confusion`);
    await page.locator('.matrix').waitFor();
    const answer = await holdRequests(page, /\/predictions\/small-/);
    await page.getByLabel('Arm').selectOption('small');
    await page.getByText('Loading…').waitFor();
    expect(await page.locator('.matrix').count()).toBe(0);
    answer();
    await page.locator('.matrix').waitFor();
  });

  it('keeps showing a run that cannot be reloaded at the moment, and says so', async () => {
    const root = await temporaryFolder();
    await makeRun(join(root, 'live'));
    const { url } = await start(root);
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(`${url}?view=run&run=live`);
    await page.getByRole('heading', { name: 'Configuration' }).waitFor();
    await page.route(/\/api\/runs\/live$/, (route) => route.fulfill({ status: 500 }));
    await writeFile(join(root, 'live', 'predictions', 'small-seed0-resize@64.jsonl'), '');
    await page.getByText('The server answered 500.').waitFor();
    await page.getByRole('heading', { name: 'Configuration' }).waitFor();
  });

  it('classifies a dropped photo in the page like fixres predict', async () => {
    await trained.train();
    const dashboard = await start(trained.root);
    const file = 'fixres-seed0-shortSideCrop@56.jsonl';
    const path = `${dashboard.url}api/runs/${trained.run}`;
    const [row] = (
      (await (await fetch(`${path}/predictions/${file}/rows?limit=1`)).json()) as PredictionsPage
    ).rows;
    const small = Buffer.from(
      await (
        await fetch(`${path}/images/${file}?id=${encodeURIComponent(row!.file)}`)
      ).arrayBuffer(),
    );
    // As a camera writes it: large, colours at half the resolution, stored sideways.
    const large = await sharp(small)
      .resize(1203, 901, { fit: 'fill' })
      .withMetadata({ orientation: 6 })
      .jpeg({ quality: 90 })
      .toBuffer();
    const photos = Object.entries({ small, large });
    const folder = await temporaryFolder();
    for (const [name, photo] of photos) await writeFile(join(folder, `${name}.jpg`), photo);
    const files = photos.map(([name]) => join(folder, `${name}.jpg`));
    const { predictions: predicted } = JSON.parse(
      await fixres([
        'predict',
        join(trained.root, trained.run),
        ...files,
        '--arm',
        'fixres',
        '--json',
        '--quiet',
      ]),
    ) as { predictions: Prediction[] };
    row!.top.forEach(([, probability], i) =>
      expect(sorted(predicted[0]!)[i]).toBeCloseTo(probability, 4),
    );

    const page = await openPage(browser, `${dashboard.url}?view=run&run=${trained.run}&tab=try`);
    for (const engine of ['wasm', 'webgl', 'cpu']) {
      await page.getByLabel('Engine').selectOption(engine);
      for (const [i, [name, photo]] of photos.entries()) {
        await drop(page, `${name}.jpg`, photo);
        await page.getByRole('img', { name: `${name}.jpg` }).waitFor();
        await page.getByText(`${name}.jpg, by ${engine} in`).waitFor();
        const shown = await page
          .locator('[data-probability]')
          .evaluateAll((all) =>
            all.map((each) =>
              Number((each as unknown as { dataset: Record<string, string> }).dataset.probability),
            ),
          );
        expect(shown).toHaveLength(5);
        sorted(predicted[i]!).forEach((probability, k) =>
          expect(Math.abs(shown[k]! - probability)).toBeLessThan(1e-3),
        );
      }
    }
    await page
      .getByLabel('Photo to classify')
      .setInputFiles({ name: 'x.txt', mimeType: 'text/plain', buffer: Buffer.from('no photo') });
    await page.getByText('The browser cannot read this file as an image').waitFor();
  });

  it('shows odd names and texts of runs as text', async () => {
    const root = await temporaryFolder();
    const name = '<img src=x onerror=alert(1)> & "quotes" %2e%2e';
    await makeRun(join(root, name), {
      last: [{ type: 'run-failed', message: '<script>alert(2)</script>' }],
    });
    const { url } = await start(root);
    const page = await openPage(browser, url);
    await page.getByRole('link', { name }).click();
    await page.getByRole('heading', { name, exact: true }).waitFor();
    await page.getByText('<script>alert(2)</script>').waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  });

  it('fits on a phone, and has no serious accessibility findings, in light and dark mode', async () => {
    await trained.train();
    const { url } = await start(trained.root);
    const page = await openPage(browser, url);
    const run = `view=run&run=${trained.run}`;
    for (const query of [
      'runs=flowers&group=status',
      'view=curves',
      run,
      ...[
        'size',
        'crops',
        'layers',
        'activations',
        'confusion&cell=0-0',
        'calibration',
        'predictions&kind=all',
        'try',
      ].map((tab) => `${run}&tab=${tab}`),
    ]) {
      await page.setViewportSize({ width: 360, height: 740 });
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(`${url}?${query}`);
      await page.locator('.card, .drop').first().waitFor();
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect([query, overflow]).toEqual([query, 0]);
      await page.setViewportSize({ width: 1280, height: 900 });
      if (/crops|layers/.test(query)) await page.locator('[data-ready]').waitFor();
      expect([query, await accessibilityFindings(page)]).toEqual([query, []]);
      await page.emulateMedia({ colorScheme: 'dark' });
      // Everything but contrast is the same in both modes.
      expect([query, await accessibilityFindings(page, ['color-contrast'], true)]).toEqual([
        query,
        [],
      ]);
    }
  });
});
