import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { syntheticFlowers } from '@fixres/data/node';
import { defaultCacheFolder } from '@fixres/engine';

/**
 * Fills a folder with class folders of at least this many JPEG files: fixres's synthetic photos,
 * which are drawn once, and copies of them.
 *
 * @returns the folder with the class folders
 */
export async function syntheticPhotos(folder, count) {
  const drawn = await syntheticFlowers({ folder: join(defaultCacheFolder(), 'synthetic') });
  const files = [];
  for (const name of await readdir(drawn))
    for (const file of await readdir(join(drawn, name))) files.push([name, file]);
  const photos = join(folder, 'photos');
  for (const name of new Set(files.map(([each]) => each)))
    await mkdir(join(photos, name), { recursive: true });
  for (let i = 0; i < count; i++) {
    // Evenly from all classes; the number keeps the files apart.
    const [name, file] =
      files[Math.floor((i * files.length) / Math.min(count, files.length)) % files.length];
    await copyFile(join(drawn, name, file), join(photos, name, `${i}-${file}`));
  }
  return photos;
}
