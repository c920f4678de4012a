// Measures how webdataset shards of many small photos are opened and read: time, processor time, and the
// highest memory of each process. Needs the package built, Linux, and about 6 GB for a million photos.
//
//   node scripts/measure-shards.mjs FOLDER [--photos 1000000] [--read 1000000]
//
// FOLDER is created with the shards, and kept. Of the reading, the memory after each tenth is listed too.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { Header } from 'tar/header';
import { defaultReaderLimits, ImageLoader, openDataset, splitByHash } from '../dist/node/index.js';
import { randomResizedCrop } from '../dist/index.js';
import { writeTarIndex } from '../dist/node/readers/index/indexed-tar.js';

const PER_SHARD = 10_000;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    photos: { type: 'string', default: '1000000' },
    read: { type: 'string', default: '1000000' },
    step: { type: 'string' },
  },
});
const [folder] = positionals;
const shards = join(folder, 'shards');
const cacheFolder = join(folder, 'cache');
if (values.step === undefined) await measure();
else await step(values.step);

async function measure() {
  if (!existsSync(shards)) await writeShards(Number(values.photos));
  rmSync(cacheFolder, { recursive: true, force: true });
  const steps = ['open', 'open', 'index', 'open', 'read'];
  const names = [
    'first opening',
    'opening again',
    'writing indexes',
    'opening with indexes beside',
    'reading',
  ];
  for (const [i, name] of steps.entries()) {
    if (i === 3) rmSync(cacheFolder, { recursive: true, force: true });
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [process.argv[1], folder, '--step', name, '--read', values.read],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    console.log(`${names[i]}: ${stdout.trim()}`);
  }
}

/** Photos of 64 x 64, of which 500 differ. */
async function writeShards(photos) {
  mkdirSync(join(folder, 'partial'), { recursive: true });
  const pictures = await Promise.all(
    Array.from({ length: 500 }, (_, i) =>
      sharp({
        create: {
          width: 64,
          height: 64,
          channels: 3,
          background: { r: 128, g: (i * 7) % 256, b: 90 },
          noise: { type: 'gaussian', mean: 128, sigma: 20 },
        },
      })
        .jpeg({ quality: 80 })
        .toBuffer(),
    ),
  );
  for (let first = 0; first < photos; first += PER_SHARD) {
    const name = `photos-train-${String(first / PER_SHARD).padStart(6, '0')}.tar`;
    const blocks = [];
    for (let i = first; i < Math.min(first + PER_SHARD, photos); i++) {
      const key = String(i).padStart(9, '0');
      add(blocks, `${key}.jpg`, pictures[(i * 7919) % 500]);
      add(blocks, `${key}.cls`, Buffer.from(String(i % 100)));
    }
    await writeFile(join(folder, 'partial', name), Buffer.concat([...blocks, Buffer.alloc(1024)]));
  }
  await writeFile(
    join(folder, 'partial', 'classnames.txt'),
    Array.from({ length: 100 }, (_, i) => `class ${i}\n`).join(''),
  );
  await rename(join(folder, 'partial'), shards);
}

function add(blocks, path, bytes) {
  const header = new Header({ path, mode: 0o644, size: bytes.length, mtime: new Date(0) });
  header.type = 'File';
  header.encode();
  blocks.push(header.block, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
}

async function step(name) {
  const started = performance.now();
  let images = 0;
  const memory = [];
  if (name === 'index') {
    for (const file of readdirSync(shards).filter((each) => each.endsWith('.tar')))
      await writeTarIndex(join(shards, file), { limits: defaultReaderLimits });
  } else {
    const dataset = await openDataset(shards, { cacheFolder });
    images = dataset.examples.length;
    if (name === 'read') {
      const { train } = splitByHash(dataset);
      const loader = new ImageLoader({ threads: 2 });
      const end = Number(values.read);
      images = 0;
      for (let epoch = 0; images < end; epoch++) {
        const batches = loader.batches(train, {
          policy: randomResizedCrop(32),
          batchSize: 256,
          shuffle: true,
          epoch,
        });
        for await (const batch of batches) {
          images += batch.labels.length;
          loader.recycle(batch);
          if (images >= ((memory.length + 1) * end) / 10) memory.push(now());
          if (images >= end) break;
        }
      }
      await loader.close();
    }
  }
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage();
  const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
  const after = memory.length > 0 ? `; after each tenth ${memory.join(', ')} MiB` : '';
  console.log(
    `${images} images, ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(1)} s of processor time, ${Math.round(peak)} MiB at most${after}`,
  );
}

/** Memory of this process in MiB. */
function now() {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
