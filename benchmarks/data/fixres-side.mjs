// The fixres side of the benchmark: a pass over the photos for each line on stdin.
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fixresFinetune, sampledBoundingBoxCrop } from '@fixres/data';
import { ImageLoader, openDataset } from '@fixres/data/node';

const [photos, policyName, images, workers, cache, folder, decode] = process.argv.slice(2);
const policy =
  policyName === 'train128'
    ? sampledBoundingBoxCrop(128)
    : fixresFinetune({ trainSize: 128, size: 224 });
const dataset = await openDataset(photos, { cacheFolder: folder });
// Every n-th image, so that all classes are included.
const step = dataset.examples.length / Number(images);
const examples = Array.from(
  { length: Number(images) },
  (_, i) => dataset.examples[Math.floor(i * step)],
);
const loader = new ImageLoader({
  threads: Number(workers),
  decode,
  cacheBytes: cache === 'memory' ? 2 ** 30 : 0,
  diskCache:
    cache === 'disk'
      ? { folder: mkdtempSync(join(folder, 'fixres-cache-')), maxBytes: 2 ** 31 }
      : undefined,
});

const { version } = JSON.parse(
  readFileSync(new URL('../../packages/data/package.json', import.meta.url), 'utf8'),
);
process.stdout.write(`${JSON.stringify({ version })}\n`);
let epoch = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'go') continue;
  const loopBefore = performance.eventLoopUtilization();
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  let seen = 0;
  for await (const batch of loader.batches(examples, {
    policy,
    batchSize: 32,
    shuffle: true,
    epoch: epoch++,
  })) {
    seen += batch.indices.length;
    loader.recycle(batch);
  }
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  const turn = {
    images: seen,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    mainThreadBusy: performance.eventLoopUtilization(loopBefore).utilization,
    peakRssMiB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  process.stdout.write(`${JSON.stringify(turn)}\n`);
}
await loader.close();
