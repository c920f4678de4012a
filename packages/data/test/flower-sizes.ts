import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Size } from '../src/geometry/view.ts';
import { readImageHeaders } from '../src/node/image-header.ts';
import { openDataset } from '../src/node/open-dataset.ts';

const archive = fileURLToPath(new URL('../../../../shared/data/flower_photos_208.tgz', import.meta.url));

/** Sizes of the 3670 flower photos, scaled down to a shorter side of at most 208 pixels. */
export async function flowerSizes(): Promise<Size[]> {
  if (!existsSync(archive)) throw new Error(`${archive} is missing`);
  const cacheFolder = await mkdtemp(join(tmpdir(), 'fixres-data-'));
  try {
    const { examples } = await openDataset(archive, { cacheFolder });
    const { headers } = await readImageHeaders(examples);
    return headers.filter((header) => header !== undefined);
  } finally {
    await rm(cacheFolder, { recursive: true, force: true });
  }
}
