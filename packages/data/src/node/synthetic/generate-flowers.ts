import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Sharp } from 'sharp';
import { FixresDataError } from '../../errors.ts';
import { createRandom } from '../../rng.ts';
import { loadSharp } from '../decode/load-sharp.ts';
import { writingToCache } from '../files/writing-to-cache.ts';
import { flowerClasses } from './flower-forms.ts';
import { defaultBlossomSize, flowerSvg } from './flower-svg.ts';

/**
 * Part of the folder's name. Increase it with every change to the pictures, so that no cache mixes
 * old and new ones.
 */
const VERSION = 1;

export interface SyntheticFlowersOptions {
  /** Cache folder; created if it does not exist. The image folder is created inside. */
  folder: string;
  /** Total number of images of all classes, a whole number of at least 10. Default 2400. */
  images?: number;
  /** Whole number from 0 to 2^32 - 1. Default 0. */
  seed?: number;
  /**
   * Smallest and largest width of the main blossom relative to the short side of the image, above 0 and
   * at most 1. Default [0.27, 0.95].
   */
  blossomSize?: readonly [least: number, most: number];
  /** Smallest and largest ratio of the long side to the short side, 1 to 4. Default [1, 1.5]. */
  aspectRatio?: readonly [least: number, most: number];
  /** Fraction of portrait images, 0 to 1. Default 0.4. */
  portrait?: number;
  /** Called with the number of images written so far. Not called when the images are cached. */
  onProgress?: (images: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Draws a data set of five classes of flowers: `<class>/<number>.jpg`, short side 120 to 200
 * pixels, landscape and portrait. How much of an image the flower fills, and the shapes of the images,
 * can be chosen, to try what they mean for a train or test size.
 *
 * The classes are balanced and differ in the form of petals and centres. Colours overlap; size and
 * background carry no information about the class. The same options draw the same pictures; the
 * JPEG bytes also depend on the version of sharp. The folder appears only when complete, so an
 * existing one is returned at once, and several processes may call this at the same time.
 *
 * @returns the path of the image folder, which contains only the class folders
 * @throws FixresDataError `bad-option`, `write-failed`; the signal's reason when aborted. What was
 * written is removed
 */
export async function syntheticFlowers(options: SyntheticFlowersOptions): Promise<string> {
  const { folder, signal } = options;
  const pictures = { ...defaults, ...given(options) };
  const { images, seed, blossomSize, aspectRatio, portrait } = pictures;
  const fewest = 2 * flowerClasses.length;
  if (!Number.isInteger(images) || images < fewest) {
    throw new FixresDataError(
      'bad-option',
      `images must be a whole number of at least ${fewest}, got ${images}.`,
    );
  }
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new FixresDataError(
      'bad-option',
      `seed must be a whole number from 0 to 4294967295, got ${seed}.`,
    );
  }
  checkRange('blossomSize', blossomSize, { low: 0, high: 1, isOpen: true });
  checkRange('aspectRatio', aspectRatio, { low: 1, high: 4 });
  if (!(portrait >= 0 && portrait <= 1)) {
    throw new FixresDataError('bad-option', `portrait must be from 0 to 1, got ${portrait}.`);
  }
  signal?.throwIfAborted();
  const target = join(folder, nameOf(pictures));
  if (await isFolder(target)) return target;

  return await writingToCache(folder, () => generate(target, pictures, options));
}

/** Everything that determines the pictures. */
type Pictures = Required<
  Pick<SyntheticFlowersOptions, 'images' | 'seed' | 'blossomSize' | 'aspectRatio' | 'portrait'>
>;

const defaults: Pictures = {
  images: 2400,
  seed: 0,
  blossomSize: defaultBlossomSize,
  aspectRatio: [1, 1.5],
  portrait: 0.4,
};

function given(options: SyntheticFlowersOptions): Partial<Pictures> {
  const entries = Object.entries(options).filter(
    ([name, value]) => name in defaults && value !== undefined,
  );
  return Object.fromEntries(entries);
}

/** The name has the options that are not the defaults. */
function nameOf(pictures: Pictures): string {
  const { images, seed } = pictures;
  const others = (['blossomSize', 'aspectRatio', 'portrait'] as const).flatMap((option) => {
    const [value, usual] = [pictures[option], defaults[option]].map(String);
    return value === usual ? [] : [`-${option}${value!.replace(',', '-')}`];
  });
  return `flowers-v${VERSION}-${images}-seed${seed}${others.join('')}`;
}

function checkRange(
  option: string,
  [least, most]: readonly [number, number],
  { low, high, isOpen = false }: { low: number; high: number; isOpen?: boolean },
): void {
  if ((isOpen ? least > low : least >= low) && least <= most && most <= high) return;
  const from = isOpen ? `above ${low}` : `at least ${low}`;
  const message = `${option} must be a smallest and a largest number, ${from} and at most ${high}, got ${least} and ${most}.`;
  throw new FixresDataError('bad-option', message);
}

/** Draws the images in a folder next to `target`, which is renamed when it is complete. */
async function generate(
  target: string,
  pictures: Pictures,
  options: Pick<SyntheticFlowersOptions, 'onProgress' | 'signal'>,
): Promise<string> {
  const { signal } = options;
  const aside = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  try {
    for (const flower of flowerClasses) await mkdir(join(aside, flower));
    await writeFlowers(aside, pictures, options);
    // Temporary folders are private to their user, but a cache can be shared.
    await chmod(aside, 0o755);
    await rename(aside, target);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    // Another process was faster, and its folder contains the same images.
    if (signal?.aborted !== true && (await isFolder(target))) return target;
    throw error;
  }
  return target;
}

async function writeFlowers(
  folder: string,
  pictures: Pictures,
  { onProgress, signal }: Pick<SyntheticFlowersOptions, 'onProgress' | 'signal'>,
): Promise<void> {
  const { images } = pictures;
  const digits = Math.max(4, String(Math.ceil(images / flowerClasses.length) - 1).length);
  let started = 0;
  let written = 0;
  let failed = false;
  // Each lane draws the next image while the others render theirs in sharp's threads.
  const lane = async (): Promise<void> => {
    try {
      while (started < images && !failed) {
        signal?.throwIfAborted();
        const image = started++;
        const label = image % flowerClasses.length;
        const file = `${String(Math.floor(image / flowerClasses.length)).padStart(digits, '0')}.jpg`;
        // sharp does not report why a file cannot be written.
        const jpeg = await (await paintFlower(label, pictures, image)).toBuffer();
        await writeFile(join(folder, flowerClasses[label]!, file), jpeg);
        onProgress?.(++written);
      }
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: availableParallelism() + 1 }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
}

/**
 * Image number `image` of a data set. Each has its own random stream, so the order of work
 * does not matter.
 */
async function paintFlower(
  label: number,
  { seed, blossomSize, aspectRatio, portrait }: Pictures,
  image: number,
): Promise<Sharp> {
  const random = createRandom(seed, 'synthetic-flower', image);
  const short = Math.round(random.uniform(120, 200));
  const long = Math.round(short * random.uniform(...aspectRatio));
  const size =
    random.next() < 1 - portrait ? { width: long, height: short } : { width: short, height: long };
  const sharp = await loadSharp();
  return sharp(Buffer.from(flowerSvg(label, random, size, blossomSize)))
    .flatten()
    .jpeg({ quality: 85 });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
