import { existsSync, readFileSync } from 'node:fs';

/**
 * Path of the real tf_flowers archive, from FIXRES_FLOWERS; for tests with the tag `flowers`.
 *
 * @throws Error if the variable is not set or the file does not exist
 */
export function flowersArchive(): string {
  const archive = process.env.FIXRES_FLOWERS;
  if (!archive || !existsSync(archive))
    throw new Error(
      `FIXRES_FLOWERS is ${archive ?? 'not set'}; it must be the path of flower_photos.tgz.`,
    );
  return archive;
}

/**
 * Sizes in pixels of the 3,670 photos of tf_flowers, scaled down to a shorter side of at most 208
 * pixels, in no particular order.
 */
export function flowerSizes(): { width: number; height: number }[] {
  const [, ...rows] = readFileSync(new URL('../flower-sizes.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  return rows.flatMap((row) => {
    const [width, height, photos] = row.split(',').map(Number);
    return Array.from({ length: photos! }, () => ({ width: width!, height: height! }));
  });
}
