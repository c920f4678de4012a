import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresModelsError } from '../errors.ts';
import {
  applicationWeights,
  type ApplicationWeights,
  type ApplicationWeightsOptions,
} from '../weights/application-weights.ts';

export interface FetchKerasWeightsOptions extends ApplicationWeightsOptions {
  /** The file is stored in its subfolder `weights`. */
  cacheFolder: string;
  /** A copy of the file to check and use instead of a download. */
  weightsFile?: string | undefined;
  /** Default: the global `fetch`. */
  fetch?: typeof fetch;
  /** Called with the number of bytes so far. */
  onProgress?: (bytes: number) => void;
  signal?: AbortSignal | undefined;
}

/** The largest published file has 243 MB. */
const MOST_BYTES = 2 ** 30;

/**
 * Downloads the published weights of a model once, see `applicationWeights`, and checks their
 * published MD5. The weights of MobileNetV2 have none, so they are only as trustworthy as the
 * connection. An existing file is checked as well.
 *
 * @returns path of the file: in the cache, or the given copy
 * @throws FixresModelsError `unknown-weights`, `bad-option`, `download-failed`, `bad-checksum`,
 * `not-found`; the signal's reason when aborted
 */
export async function fetchKerasWeights(
  name: string,
  options: FetchKerasWeightsOptions,
): Promise<string> {
  const { cacheFolder, weightsFile, signal } = options;
  const weights = applicationWeights(name, options);
  if (weightsFile !== undefined) {
    if (!existsSync(weightsFile))
      throw new FixresModelsError('not-found', `Weights file "${weightsFile}" does not exist.`);
    if (await isIntact(weightsFile, weights, signal)) return weightsFile;
    throw new FixresModelsError(
      'bad-checksum',
      `Weights file "${weightsFile}" is not the one at ${weights.url}: its MD5 is not ${weights.md5!}.`,
    );
  }
  const folder = join(cacheFolder, 'weights');
  const target = join(folder, weights.url.slice(weights.url.lastIndexOf('/') + 1));
  if (existsSync(target)) {
    if (await isIntact(target, weights, signal)) return target;
    await rm(target);
  }
  await mkdir(folder, { recursive: true });
  const partial = `${target}.${process.pid}.partial`;
  try {
    await download(weights, partial, options);
    if (!(await isIntact(partial, weights, signal))) {
      throw new FixresModelsError(
        'bad-checksum',
        `What ${weights.url} sent does not have the published MD5 ${weights.md5!}.`,
      );
    }
    await rename(partial, target);
  } finally {
    await rm(partial, { force: true });
  }
  return target;
}

async function download(
  { url }: ApplicationWeights,
  partial: string,
  options: FetchKerasWeightsOptions,
): Promise<void> {
  const { fetch: get = fetch, onProgress, signal } = options;
  const failed = (why: string, cause?: unknown): FixresModelsError =>
    new FixresModelsError(
      'download-failed',
      `Cannot download ${url}: ${why}. A copy of the file can be used instead (--weights-file).`,
      { cause },
    );
  try {
    const response = await get(url, { signal: signal ?? null });
    if (!response.ok || !response.body)
      throw failed(`the server answered ${response.status} ${response.statusText}`);
    const announced = Number(response.headers.get('content-length') ?? NaN);
    const file = await open(partial, 'w');
    let have = 0;
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        await file.writeFile(chunk);
        have += chunk.length;
        if (have > MOST_BYTES) throw failed(`the server sent more than ${MOST_BYTES} bytes`);
        onProgress?.(have);
      }
    } finally {
      await file.close();
    }
    // Without a published checksum, only this distinguishes a broken connection from the end of the
    // file.
    if (have < announced && response.headers.get('content-encoding') === null)
      throw failed(`only ${have} of ${announced} bytes arrived`);
  } catch (cause) {
    if (signal?.aborted || cause instanceof FixresModelsError) throw cause;
    const { message, cause: inner } = cause as Error;
    throw failed(inner instanceof Error ? inner.message || message : message, cause);
  }
}

async function isIntact(
  file: string,
  { md5 }: ApplicationWeights,
  signal?: AbortSignal,
): Promise<boolean> {
  if (md5 === null) return true;
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal }))
    hash.update(chunk as Buffer);
  return hash.digest('hex') === md5;
}
