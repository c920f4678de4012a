import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A data set of 40 real photos: the folder of the class folders animals, fish, monuments, tools and windmills. */
export const samplePhotos: string = fileURLToPath(new URL('../photos', import.meta.url));

/**
 * What the photos show, by `<class>/<file>`: the mean levels of the upright picture's parts, 4 by 4, as sRGB `[16 * 3]` row by row,
 * before it was turned, converted and compressed (scripts/make_photos.py).
 */
export function samplePhotoLevels(): Record<string, number[]> {
  return JSON.parse(readFileSync(new URL('../photos.json', import.meta.url), 'utf8')) as Record<
    string,
    number[]
  >;
}
