import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { expect, it } from 'vitest';
import { temporaryFolder, writeFolder } from './make-images.ts';

const program = `
  import { shortSideCrop } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
  import { ImageLoader, openDataset } from ${JSON.stringify(new URL('../dist/node/index.js', import.meta.url).href)};
  const folder = process.argv[2];
  const { examples } = await openDataset(folder, { cacheFolder: folder });
  const loader = new ImageLoader({ threads: 4 });
  let images = 0;
  for await (const batch of loader.batches(examples, { policy: shortSideCrop(32), batchSize: 1 })) images += batch.indices.length;
  await loader.close();
  console.log(JSON.stringify({ images, peakMib: process.resourceUsage().maxRSS / 1024 }));
`;

it('the loader stays below a gigabyte with several images of the maximum size', async () => {
  // 2^26 pixels, 192 MiB each.
  const bytes = await sharp({
    create: { width: 8192, height: 8192, channels: 3, background: '#408020' },
  })
    .jpeg()
    .toBuffer();
  const folder = join(await temporaryFolder(), 'photos');
  await writeFolder(
    folder,
    Object.fromEntries(['a/0.jpg', 'a/1.jpg', 'b/0.jpg', 'b/1.jpg'].map((path) => [path, bytes])),
  );
  const script = join(folder, '..', 'read.mjs');
  await writeFile(script, program);
  const { stdout } = await promisify(execFile)(process.execPath, [script, folder]);
  const { images, peakMib } = JSON.parse(stdout) as { images: number; peakMib: number };
  expect(images).toBe(4);
  expect(peakMib).toBeLessThan(1024);
});
