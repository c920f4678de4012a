// Measures how long the page takes to show a runs folder of 1,000 runs and 10 GB, from the request
// to the painted table.
//
// node apps/dashboard/scripts/first-paint.mjs --runs 1000 --gigabytes 10 --json
//
// The logs are sparse files: they have the full size, but take no disk space.
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { startDashboard } from '@fixres/dashboard';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    gigabytes: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const bytes = (Number(values.gigabytes) * 1e9) / runs;

const root = mkdtempSync(join(tmpdir(), 'fixres-first-paint-'));
const policy = (size) => ({
  version: 1,
  name: 'resize',
  output: { width: size, height: size },
  steps: [{ op: 'resize', width: size, height: size }],
});
for (let i = 0; i < runs; i++) {
  const folder = join(root, `sweep-${i % 10}`, `run-${i}`);
  mkdirSync(folder, { recursive: true });
  const arm = (name, initFrom) => ({
    name,
    initFrom,
    trainPolicy: policy(64),
    testPolicy: policy(64),
    epochs: 30,
    schedule: { type: 'cosine', rate: 10 ** -(2 + (i % 4)) },
    freeze: 'all',
  });
  const config = {
    command: 'fixres run experiment.yaml',
    dataset: { source: 'synthetic' },
    experiment: {
      model: { name: 'resnet50v2', width: 16 + (i % 7) },
      arms: [arm('small', null), arm('fixres', 'small')],
      evaluations: [policy(64), policy(96)],
      seeds: [0],
      batchSize: 32,
    },
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  const evaluations = [
    {
      policy: 'resize',
      size: 64,
      accuracy: (i % 100) / 100,
      ci95: [0, 1],
      correct: i % 100,
      total: 100,
    },
  ];
  // As long as in real runs: 100 kB, mostly curves.
  const epochs = Array.from({ length: 150 }, (_, epoch) => ({
    epoch,
    loss: 1 / (epoch + 1),
    accuracy: epoch / 150,
    heldOutAccuracy: epoch / 160,
    seconds: 2.5,
    imagesPerSecond: 333.3,
    tensors: 400,
  }));
  const summary = {
    format: 1,
    arms: ['small', 'fixres'].map((name) => ({
      name,
      ownEvaluation: 0,
      evaluations,
      curves: [{ seed: 0, epochs }],
    })),
  };
  if (i % 3 > 0) writeFileSync(join(folder, 'summary.json'), JSON.stringify(summary, null, 2));
  const log = join(folder, 'events.jsonl');
  writeFileSync(
    log,
    `${JSON.stringify({ n: 0, time: new Date(Date.UTC(2026, 0, 1, 0, i)).toISOString(), type: 'run-start', format: 1, config })}\n`,
  );
  truncateSync(log, Math.round(bytes));
}

const browser = await chromium.launch({
  executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
  timeout: 300_000,
});
// After the browser, so that the page sends its request as soon as the server listens.
const served = await startDashboard({ runs: root, port: 0 });
const open = async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.setDefaultTimeout(300_000);
  await page.goto(served.url, { waitUntil: 'commit' });
  await page.waitForSelector('tbody tr');
  // The frame after the one with the table: by then the table is painted. Times count from the
  // request.
  const seconds = await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() / 1000))))',
  );
  const rows = await page.locator('tbody tr').count();
  await page.close();
  return { seconds, rows };
};
const first = await open();
const again = await open();
await browser.close();
await served.close();
rmSync(root, { recursive: true });

const result = {
  runs,
  gigabytes: Number(values.gigabytes),
  firstPaintSeconds: Number(first.seconds.toFixed(2)),
  againSeconds: Number(again.seconds.toFixed(2)),
  rows: first.rows,
};
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${runs} runs, ${values.gigabytes} GB: ${result.firstPaintSeconds} s to the first paint of ${first.rows} rows, ${result.againSeconds} s when opened again\n`,
);
