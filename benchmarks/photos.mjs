// The photos that benchmarks read, and their names on the command line.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { finished } from './sides.mjs';

/**
 * Parses a benchmark's options, unpacks its photos unless they are in a folder, and prints the
 * measurements.
 *
 * @param defaults values of the options that take one, by name; undefined for no default
 * @param measure receives the options, the folder `photos`, and a `folder` for files, which is removed
 * afterwards
 * @returns the exit code
 */
export async function benchmarkPhotos({ args, usage, defaults, parent, measure, readable }) {
  const named = Object.entries({
    archive: process.env.FIXRES_FLOWERS,
    photos: undefined,
    ...defaults,
  });
  const options = Object.fromEntries(
    named.map(([name, value]) => [
      name,
      { type: 'string', ...(value === undefined ? {} : { default: value }) },
    ]),
  );
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({ args, options: { ...options, json: flag, help: flag } });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (values.photos === undefined && !(values.archive && existsSync(values.archive))) {
    const problem = values.archive
      ? `The photos ${values.archive} are missing`
      : 'No photos are given';
    process.stderr.write(
      `${problem}; name flower_photos.tgz (docs/benchmarks.md says where it is) by --archive or FIXRES_FLOWERS, or a folder by --photos.\n`,
    );
    return 2;
  }
  const folder = mkdtempSync(join(parent(values), 'fixres-bench-'));
  try {
    const photos = values.photos ?? (await unpacked(values.archive, folder));
    const result = await measure({ ...values, folder, photos });
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function unpacked(archive, folder) {
  await finished(spawn('tar', ['-xzf', archive, '-C', folder], { stdio: ['ignore', 2, 2] }));
  return join(folder, 'flower_photos');
}
