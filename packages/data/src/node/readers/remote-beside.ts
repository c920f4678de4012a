import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asObject, jsonObject } from '../files/small-file.ts';
import { writingToCache } from '../files/writing-to-cache.ts';
import { writtenAside } from '../files/written-aside.ts';
import { inLanes } from '../in-lanes.ts';
import { fetchSmall } from '../remote/fetch-remote.ts';
import { besideAddress } from '../remote/remote-address.ts';
import type { RemoteAccess } from '../remote/remote-file.ts';

/** Size of a file that describes a data set. */
const MAX_BYTES = 1 << 24;
const LANES = 4;
/** Features of an example; real ones have a few. */
const MAX_FEATURES = 50;

/**
 * Copies small files from the folder of an address into the cache, if they exist.
 *
 * @returns the folder of the copies
 * @throws FixresDataError `download-failed`, `limit-exceeded`, `write-failed`; the signal's reason when aborted
 */
export async function fetchFilesBeside(
  address: string,
  names: readonly string[],
  access: RemoteAccess,
  signal?: AbortSignal,
): Promise<string> {
  const base = createHash('sha256').update(besideAddress(address, '')).digest('hex').slice(0, 32);
  const folder = join(access.folder, 'beside', base);
  await writingToCache(folder, async () =>
    inLanes(
      names,
      LANES,
      async (name) => {
        const bytes = await fetchSmall(besideAddress(address, name), access, {
          maxBytes: MAX_BYTES,
          signal,
        });
        const file = join(folder, name);
        // It may have existed before.
        if (bytes === undefined) return rm(file, { force: true });
        return writtenAside(file, (partial) => writeFile(partial, bytes));
      },
      signal,
    ),
  );
  return folder;
}

/**
 * Copies the metadata of TensorFlow Datasets from the folder of an address into the cache.
 *
 * @returns the folder of the copies
 * @throws those of {@link fetchFilesBeside}
 */
export async function fetchTfdsInfo(
  address: string,
  access: RemoteAccess,
  signal?: AbortSignal,
): Promise<string> {
  const features = await fetchSmall(besideAddress(address, 'features.json'), access, {
    maxBytes: MAX_BYTES,
    signal,
  });
  const described = asObject(jsonObject(features?.toString('utf8') ?? '')?.featuresDict)?.features;
  const keys = ['label', ...Object.keys(asObject(described) ?? {})].filter((key) =>
    /^[\w-]+$/.test(key),
  );
  const labels = [...new Set(keys)].slice(0, MAX_FEATURES).map((key) => `${key}.labels.txt`);
  const names = ['dataset_info.json', 'features.json', ...labels];
  return fetchFilesBeside(address, names, access, signal);
}
