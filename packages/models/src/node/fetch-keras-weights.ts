import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FixresModelsError } from '../errors.ts';
import { isApplicationName } from '../model-names.ts';
import {
  applicationWeights,
  type ApplicationWeights,
  type ApplicationWeightsOptions,
} from '../weights/application-weights.ts';
import { application } from './applications.ts';
import {
  adoptPart,
  ignoreMissing,
  interruptedPlace,
  newPartial,
  release,
} from './partial-downloads.ts';

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

/** The largest published file is that of ConvNeXtXLarge, with 350 million parameters. */
const MOST_BYTES = 2 ** 31;

/**
 * Downloads the published weights of a model once, see `applicationWeights` and `application`, and
 * checks their published checksum. Some weights have none, those of MobileNetV2 for example, so they
 * are only as trustworthy as the connection. An existing file is checked as well. A download with a
 * checksum that was interrupted is resumed, also if its process was terminated. The weights of an `application` always have the
 * classifier.
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
  const weights = isApplicationName(name)
    ? await application(name)
    : applicationWeights(name, options);
  if (weightsFile !== undefined) {
    if (!existsSync(weightsFile))
      throw new FixresModelsError('not-found', `Weights file "${weightsFile}" does not exist.`);
    if (!statSync(weightsFile).isFile())
      throw new FixresModelsError('bad-option', `Weights file "${weightsFile}" is not a file.`);
    if (await isIntact(weightsFile, weights, signal)) return weightsFile;
    throw new FixresModelsError(
      'bad-checksum',
      `Weights file "${weightsFile}" is not the one at ${weights.url}: its ${algorithmOf(weights.hash!)} is not ${weights.hash!}.`,
    );
  }
  const target = weightsPlace(cacheFolder, weights.url);
  if (existsSync(target)) {
    if (await isIntact(target, weights, signal)) return target;
    await rm(target);
  }
  const partial = newPartial(target);
  // Only a checksum shows whether the rest belongs to the same file.
  const isResumable = weights.hash !== null;
  try {
    await usingFolder(dirname(target), () => adoptPart(target, partial, isResumable));
    let intact: boolean;
    try {
      await download(weights, partial, target, options);
      intact = await isIntact(partial, weights, signal);
    } catch (error) {
      if (isResumable) await rename(partial, interruptedPlace(target)).catch(ignoreMissing);
      throw error;
    }
    if (!intact) {
      throw new FixresModelsError(
        'bad-checksum',
        `What ${weights.url} sent does not have the published ${algorithmOf(weights.hash!)} ${weights.hash!}.`,
      );
    }
    await rename(partial, target);
  } finally {
    await release(partial);
  }
  return target;
}

/** The file of a download in the cache. */
export function weightsPlace(cacheFolder: string, url: string): string {
  return join(cacheFolder, 'weights', url.slice(url.lastIndexOf('/') + 1));
}

/** Creates the folder of weights, and reports one line if it cannot be used. */
async function usingFolder(folder: string, work: () => Promise<void>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await work();
  } catch (cause) {
    throw new FixresModelsError(
      'download-failed',
      `Cache folder "${folder}" cannot be written: ${(cause as Error).message}. Use another cache folder (FIXRES_CACHE), or a copy of the file (--weights-file).`,
      { cause },
    );
  }
}

async function download(
  { url }: ApplicationWeights,
  partial: string,
  target: string,
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
    const start = await stat(partial).then(({ size }) => size, ignoreMissing);
    const headers = start ? { range: `bytes=${start}-` } : {};
    const response = await get(url, { headers, signal: signal ?? null });
    // The whole file has arrived before.
    if (start && response.status === 416) return;
    if (!response.ok || !response.body)
      throw failed(`the server answered ${response.status} ${response.statusText}`);
    // A server that ignores the range sends the whole file.
    const isRest = response.status === 206;
    let have = isRest ? (start ?? 0) : 0;
    const announced = have + Number(response.headers.get('content-length') ?? NaN);
    // The part remains until as much has arrived again.
    const written = start && !isRest ? newPartial(target) : partial;
    let isWhole = false;
    const file = await open(written, isRest ? 'a' : 'w');
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        await file.writeFile(chunk);
        have += chunk.length;
        if (have > MOST_BYTES) throw failed(`the server sent more than ${MOST_BYTES} bytes`);
        onProgress?.(have);
      }
      isWhole = !(have < announced);
    } finally {
      await file.close();
      if (written !== partial) {
        if (isWhole || have >= start!) await rename(written, partial);
        await release(written);
      }
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
  { hash: expected }: ApplicationWeights,
  signal?: AbortSignal,
): Promise<boolean> {
  if (expected === null) return true;
  const hash = createHash(algorithmOf(expected));
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, signal }))
    hash.update(chunk as Buffer);
  return hash.digest('hex') === expected;
}

/** MD5 has 32 hexadecimal digits, SHA-256 64. */
function algorithmOf(hash: string): 'MD5' | 'SHA256' {
  return hash.length === 32 ? 'MD5' : 'SHA256';
}
