import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isFreeForRun } from '@fixres/runs/node';
import { ExitError, exitCodes } from './exit-error.ts';

/** Where a run goes that was given no folder: `runs/<dataset>-<preset>-<time>`. */
export function defaultRunFolder(dataset: string, preset: string, now: Date = new Date()): string {
  const stem =
    basename(dataset)
      .replace(/\.(tgz|tar\.gz|tar|zip)$/i, '')
      .replace(/[^\w-]+/g, '-') || 'run';
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return join('runs', `${stem}-${preset}-${time}`);
}

/** Refuses a folder that holds something, before anything slow is done. */
export async function refuseUsedFolder(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new ExitError(
      exitCodes.usage,
      `error: Run folder "${folder}" cannot be used: ${message}`,
      { cause: error },
    );
  });
  if (!isFreeForRun(names)) {
    throw new ExitError(
      exitCodes.usage,
      `error: Run folder "${folder}" is not empty. Choose another with --out, or remove it.`,
    );
  }
}

/** Refuses a folder that cannot be made or written, before anything slow is done. Nothing is made. */
export async function requireWritable(folder: string): Promise<void> {
  for (let place = resolve(folder); ; place = dirname(place)) {
    try {
      await access(place, constants.W_OK | constants.X_OK);
      return;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // What is not there is made in the folder above.
      if (code === 'ENOENT' && dirname(place) !== place) continue;
      throw new ExitError(
        exitCodes.usage,
        `error: Run folder "${folder}" cannot be written: ${message}`,
        { cause: error },
      );
    }
  }
}
