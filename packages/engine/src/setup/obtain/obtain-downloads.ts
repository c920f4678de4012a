import type { EngineFlavor } from '../../native/engine-entry.ts';
import { engineSize, gigabytes } from '../engine-size.ts';
import { findNpm, findPip } from '../find-tools.ts';
import type { Missing } from '../missing.ts';
import type { DownloadContext } from '../setup-context.ts';
import type { DownloadRecord, Downloads } from './downloads.ts';
import { missingPackages, obtainPackages } from './obtain-packages.ts';
import { type EngineWheels, hasWheels, obtainWheels } from './obtain-wheels.ts';

/** All files of an engine. */
export interface EngineDownloads extends EngineWheels {
  readonly packages: readonly DownloadRecord[];
}

/** The requested engine and its platform. */
export interface Wanted {
  readonly flavor: EngineFlavor;
  /** For example `linux-x64`. */
  readonly platform: string;
}

/**
 * Tools that are missing for the download, one clause each; empty if nothing needs to be
 * downloaded.
 */
export async function missingForDownload(
  downloads: Downloads,
  { flavor, platform }: Wanted,
  { packages, signal }: DownloadContext,
): Promise<string[]> {
  const problems: string[] = [];
  if (missingPackages(downloads, packages).length > 0) {
    const npm = await findNpm(signal);
    if ('problem' in npm) problems.push(npm.problem);
  }
  if (!(await hasWheels(downloads, flavor, platform))) {
    const pip = await findPip(signal);
    if ('problem' in pip) problems.push(pip.problem);
  }
  return problems;
}

/**
 * Downloads all files of an engine into `downloads` except those already there. Reports the size
 * first.
 */
export async function obtainDownloads(
  downloads: Downloads,
  wanted: Wanted,
  context: DownloadContext,
): Promise<EngineDownloads | Missing> {
  const { flavor, platform } = wanted;
  if (!(await hasWheels(downloads, flavor, platform))) {
    const had = downloads.bytes / 1e6;
    const rest = had > 1 ? `, of which ${gigabytes(had)} are already downloaded` : '';
    context.onStep(
      `the ${flavor === 'gpu' ? 'CUDA' : 'CPU'} build of TensorFlow is a download of about ${gigabytes(engineSize[flavor].download)}${rest}`,
    );
  }
  const packages = await obtainPackages(downloads, context);
  if ('missing' in packages) return packages;
  const wheels = await obtainWheels(downloads, wanted, context);
  return 'missing' in wheels ? wheels : { packages, ...wheels };
}

/**
 * All files of an engine from a folder that was filled earlier; throws an error that lists missing
 * ones.
 */
export async function findDownloads(
  downloads: Downloads,
  { flavor, platform }: Wanted,
  context: DownloadContext,
): Promise<EngineDownloads | Missing> {
  const absent =
    missingPackages(downloads, context.packages).length > 0 ||
    !(await hasWheels(downloads, flavor, platform));
  if (absent) {
    const options = `${flavor === 'gpu' ? ' --gpu' : ''} --platform ${platform}`;
    return {
      missing: [
        `folder ${downloads.folder} is missing files of the ${flavor.toUpperCase()} build for ` +
          `${platform}: fill it with \`fixres setup --download FOLDER${options}\``,
      ],
    };
  }
  // All files are present, so nothing is downloaded.
  return obtainDownloads(downloads, { flavor, platform }, context);
}
