import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * A data set of 40 real photos: a folder with the class folders animals, fish, monuments, tools and
 * windmills.
 */
export const samplePhotos: string = fileURLToPath(new URL('../photos', import.meta.url));

/**
 * The content of the photos, by `<class>/<file>`: mean levels of 4 by 4 parts of the upright
 * picture before it was rotated, converted and compressed, as sRGB `[16 * 3]`, row by row
 * (scripts/make_photos.py).
 */
export function samplePhotoLevels(): Record<string, number[]> {
  return JSON.parse(readFileSync(new URL('../photos.json', import.meta.url), 'utf8')) as Record<
    string,
    number[]
  >;
}
