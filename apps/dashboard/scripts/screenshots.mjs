// Takes the screenshots of the dashboard for the documentation, from a folder of runs on the
// built-in flowers.
//
// node apps/dashboard/scripts/screenshots.mjs RUNS RUN docs [only]
//
// RUN is the run to open. With the last argument, only screenshots whose name contains it are
// taken.
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startDashboard } from '@fixres/dashboard';
import { openRecordedDataset } from '../../../packages/runner/dist/node/index.js';
import { defaultCacheFolder } from '../../../packages/engine/dist/index.js';

const [runs, run, out] = process.argv.slice(2);
const options = { runs, port: 0, openDataset: openRecordedDataset(defaultCacheFolder()) };
const reading = await startDashboard(options);
// Nothing is started; the picture shows the form.
const controlling = await startDashboard({
  ...options,
  control: { program: [process.execPath], findDataset: async (source) => source },
});
const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});

/** Views of the page: file name, address, size and colours. */
const wide = { width: 1280, height: 900 };
const pictures = [
  ['dashboard-runs', 'runs=ALL&group=model.width', { width: 1280, height: 760 }, 'light'],
  ['dashboard-curves', 'view=curves&runs=ALL&x=epoch&smooth=0.9', wide, 'dark'],
  ['dashboard-overview', 'view=run&run=RUN', wide, 'light'],
  ['dashboard-size', 'view=run&run=RUN&tab=size&size=96', wide, 'light'],
  // In this draw the flower is 1.4 times as large in training as at test time: the effect that FixRes
  // corrects.
  [
    'dashboard-crops',
    'view=run&run=RUN&tab=crops&arm=small&photo=dahlia%2F0024.jpg&draw=4',
    { width: 1280, height: 890 },
    'light',
  ],
  [
    'dashboard-activations',
    'view=run&run=RUN&tab=activations',
    { width: 1280, height: 1000 },
    'light',
  ],
  ['dashboard-layers', 'view=run&run=RUN&tab=layers', wide, 'light'],
  [
    'dashboard-confusion',
    'view=run&run=RUN&tab=confusion&cell=CELL',
    { width: 1280, height: 1000 },
    'light',
  ],
  ['dashboard-predictions', 'view=run&run=RUN&tab=predictions', wide, 'dark'],
  ['dashboard-try-it', 'view=run&run=RUN&tab=try', wide, 'light'],
  ['dashboard-new-run', 'view=start', { width: 1280, height: 460 }, 'light'],
  ['dashboard-phone', 'view=run&run=RUN&tab=curves', { width: 390, height: 844 }, 'light'],
  ['dashboard-phone-runs', '', { width: 390, height: 844 }, 'dark'],
];
const only = process.argv[5];

for (const [name, query, viewport, colorScheme] of pictures) {
  if (only && !name.includes(only)) continue;
  const served = name === 'dashboard-new-run' ? controlling : reading;
  const page = await browser.newPage({ viewport, colorScheme });
  page.on('pageerror', (error) => process.stderr.write(`${name}: ${error.message}\n`));
  page.on(
    'console',
    (message) => message.type() === 'error' && process.stderr.write(`${name}: ${message.text()}\n`),
  );
  const { rows } = await (await fetch(new URL('/api/runs', served.url))).json();
  const all = encodeURIComponent(
    rows
      .map(({ id }) => encodeURIComponent(id))
      .sort()
      .join(','),
  );
  await page.goto(
    `${served.url}?${query.replace('ALL', all).replace('RUN', encodeURIComponent(run)).replace('CELL', '0-0')}`,
  );
  if (name === 'dashboard-try-it') {
    const { predictions } = await (
      await fetch(new URL(`/api/runs/${encodeURIComponent(run)}`, served.url))
    ).json();
    const file = new URL(
      `/api/runs/${encodeURIComponent(run)}/predictions/${encodeURIComponent(predictions[0].name)}`,
      served.url,
    );
    const image = (await (await fetch(`${file.href}/rows?limit=1`)).json()).rows[0].file;
    const photo = await fetch(
      `${file.href.replace('/predictions/', '/images/')}?id=${encodeURIComponent(image)}`,
    );
    await page.getByLabel('Photo to classify').setInputFiles({
      name: 'flower.jpg',
      mimeType: 'image/jpeg',
      buffer: Buffer.from(await photo.arrayBuffer()),
    });
  }
  const slow = ['dashboard-crops', 'dashboard-layers', 'dashboard-try-it'].includes(name);
  await page.waitForSelector(slow ? '[data-ready]' : '.card');
  await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => undefined);
  await page.screenshot({ path: join(out, `${name}.png`) });
  await page.close();
}
await browser.close();
await Promise.all([reading.close(), controlling.close()]);
