import { resolve } from 'node:path';
import { enginePlatforms } from '../engine-name.ts';
import { FixresEngineError } from '../errors.ts';
import { refuseGpuElsewhere, thisPlatform } from '../native/platform.ts';
import { isDiskError } from './disk-error.ts';
import { engineSize, lackOfSpace } from './engine-size.ts';
import { makeFolder } from './make-folder.ts';
import { Downloads } from './obtain/downloads.ts';
import { missingForDownload, obtainDownloads } from './obtain/obtain-downloads.ts';
import { type RuntimePackage, runtimePackages } from './obtain/runtime-packages.ts';
import { withLock } from './with-lock.ts';

/** Options of {@link downloadNativeEngine}. */
export interface DownloadOptions {
  /**
   * The folder to fill; created if it does not exist. Existing downloads are kept and not
   * downloaded again.
   */
  readonly folder: string;
  /**
   * The platform of the target machine: `linux-x64`, `linux-arm64` or `darwin-arm64`; default: this
   * one.
   */
  readonly platform?: string;
  /** TensorFlow's CUDA build with NVIDIA's libraries; `linux-x64` only. Default: the CPU build. */
  readonly gpu?: boolean;
  /** Receives progress messages, one line each. */
  readonly onStep?: (message: string) => void;
  /** Aborts the download; finished files stay. */
  readonly signal?: AbortSignal;
}

/**
 * Fills a folder with everything that `setupNativeEngine({ from })` needs on a machine without
 * network: npm tarballs, Python wheels, and a list of them with checksums.
 *
 * @throws FixresEngineError `bad-option` for a platform without a TensorFlow wheel;
 * `download-failed`, with the name of the file, if a download fails; `aborted` when the signal
 * fires
 */
export function downloadNativeEngine(options: DownloadOptions): Promise<DownloadResult> {
  return downloadEngine(options, runtimePackages);
}

/**
 * Result of {@link downloadNativeEngine}: the folder's path, and the total size of its files in
 * bytes.
 */
export interface DownloadResult {
  readonly folder: string;
  readonly bytes: number;
}

/** {@link downloadNativeEngine} with other packages, for tests. */
export async function downloadEngine(
  options: DownloadOptions,
  packages: readonly RuntimePackage[],
): Promise<DownloadResult> {
  const { platform = thisPlatform, gpu = false, onStep = () => undefined, signal } = options;
  if (!(enginePlatforms as readonly string[]).includes(platform)) {
    throw new FixresEngineError(
      'bad-option',
      `platform is '${platform}'; allowed are ${enginePlatforms.join(', ')}`,
    );
  }
  if (gpu) refuseGpuElsewhere(platform, 'download');
  const folder = resolve(options.folder);
  const wanted = { flavor: gpu ? 'gpu' : 'cpu', platform } as const;
  try {
    await makeFolder(folder);
    return await withLock(folder, { onStep, signal }, async (held) => {
      const downloads = await Downloads.open(folder);
      const context = { packages, onStep, signal: held };
      const space = await lackOfSpace(
        folder,
        engineSize[wanted.flavor].download - downloads.bytes / 1e6,
      );
      const lacking = [
        ...(space ? [space] : []),
        ...(await missingForDownload(downloads, wanted, context)),
      ];
      const parts =
        lacking.length > 0
          ? { missing: lacking }
          : await obtainDownloads(downloads, wanted, context);
      if ('missing' in parts)
        throw new FixresEngineError('download-failed', parts.missing.join('; '));
      return { folder, bytes: downloads.bytes };
    });
  } catch (error) {
    if (signal?.aborted)
      throw new FixresEngineError('aborted', 'the download was stopped', { cause: error });
    if (!isDiskError(error)) throw error;
    throw new FixresEngineError(
      'bad-option',
      `folder is '${folder}', which cannot be written (${error.message})`,
      { cause: error },
    );
  }
}
