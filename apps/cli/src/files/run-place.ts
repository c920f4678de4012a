import { basename, join } from 'node:path';

/** The default run folder: `runs/<dataset>-<preset>-<time>`. */
export function defaultRunFolder(dataset: string, preset: string, now: Date = new Date()): string {
  const stem =
    // The query of an address can contain a signature.
    basename(dataset.replace(/(?<=^https?:[^?#]*)[?#].*/i, ''))
      .replace(/\.(tgz|tar\.gz|tar|zip)$/i, '')
      .replace(/[^\w-]+/g, '-') || 'run';
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
  return join('runs', `${stem}-${preset}-${time}`);
}
