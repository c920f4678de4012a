import { access } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { FixresDataError } from '@fixres/data';
import { type ImageDataset, openDataset, syntheticFlowers } from '@fixres/data/node';
import { recordedOpening } from '@fixres/runs';
import { fieldsOf } from '@fixres/runs/events';
import { remoteOf } from './remote-of.ts';
import { isPath } from './source-of.ts';

/**
 * Opens the data set named in a run's configuration if it is on this machine or at an address: no archive is
 * downloaded; only the built-in flowers are drawn if they are missing. A relative path is resolved
 * from the working directory of the dashboard, and from the folders around the run.
 */
export function openRecordedDataset(
  cacheFolder: string,
): (config: unknown, runFolder: string) => Promise<ImageDataset> {
  return async (config, runFolder) => {
    const recorded = fieldsOf(fieldsOf(config).dataset);
    const { source, archive } = recorded;
    if (typeof source !== 'string')
      throw new FixresDataError('not-found', 'The run does not say which data set it used.');
    const opening = { cacheFolder, ...recordedOpening(recorded) };
    if (source === 'synthetic')
      return openDataset(await syntheticFlowers({ folder: join(cacheFolder, 'synthetic') }), {
        ...opening,
        name: source,
      });
    const named = source === 'tf_flowers' ? archive : source;
    if (typeof named !== 'string')
      throw new FixresDataError(
        'not-found',
        'The archive of tf_flowers is not known; give it as the data set to see its images.',
      );
    const place = isPath(named) ? await existing(placesOf(named, runFolder), named) : named;
    return openDataset(place, { ...opening, ...remoteOf(place) });
  };
}

/**
 * Finds the data set of a run on this machine.
 *
 * @param source its name in the run's configuration
 * @returns its path, its address, or the name of a built-in data set
 */
export async function findRecordedDataset(source: string, runFolder: string): Promise<string> {
  return isPath(source) ? existing(placesOf(source, runFolder), source) : source;
}

function placesOf(path: string, runFolder: string): string[] {
  if (isAbsolute(path)) return [path];
  const around = [process.cwd(), dirname(runFolder), dirname(dirname(runFolder))];
  return around.map((folder) => resolve(folder, path));
}

async function existing(places: readonly string[], dataset: string): Promise<string> {
  for (const place of places) {
    const there = await access(place).then(
      () => true,
      () => false,
    );
    if (there) return place;
  }
  throw new FixresDataError(
    'not-found',
    `The data set "${dataset}" of the run is not on this machine.`,
  );
}
