import { fileURLToPath } from 'node:url';

/** A data set of 40 real photos: the folder of the class folders animals, fish, monuments, tools and windmills. */
export const samplePhotos: string = fileURLToPath(new URL('../photos', import.meta.url));
