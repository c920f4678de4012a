import { FixresDataError, type JpegDecoding } from '@fixres/data';
import { type Example, ImageLoader, type ImageLoaderOptions } from '@fixres/data/node';
import { type KnownImages, shortDigest } from '@fixres/runs/node';

/** SHA-256 of the pixels of each image; undefined for those that cannot be decoded. */
type Digests = readonly (string | undefined)[];

export interface TrainedAmongOptions {
  /** How {@link TrainedAmongOptions.digests} were decoded. Default `accurate`. */
  decode?: JpegDecoding | undefined;
  /** Digests of the images in their order, as they are decoded for this program. */
  digests: () => Promise<Digests>;
  limits: ImageLoaderOptions['limits'];
  signal: AbortSignal;
}

/**
 * The number of images that a model was trained on, whatever they are called. Digests depend on how
 * JPEG files are decoded, so the images are decoded in each way that those of the model were.
 *
 * @returns undefined if a decoder for one of these ways is not installed
 */
export async function trainedAmong(
  examples: readonly Example[],
  known: KnownImages,
  { decode = 'accurate', digests, limits = {}, signal }: TrainedAmongOptions,
): Promise<number | undefined> {
  const seen = new Set<number>();
  for (const [as, trained] of known.trained) {
    const found = as === decode ? await digests() : await digestsAs(as, examples, limits, signal);
    if (!found) return undefined;
    for (const [i, digest] of found.entries())
      if (digest !== undefined && trained.has(shortDigest(digest))) seen.add(i);
  }
  return seen.size;
}

async function digestsAs(
  decode: JpegDecoding,
  examples: readonly Example[],
  limits: NonNullable<ImageLoaderOptions['limits']>,
  signal: AbortSignal,
): Promise<Digests | undefined> {
  let loader: ImageLoader;
  try {
    loader = new ImageLoader({ limits, decode });
  } catch (error) {
    if (error instanceof FixresDataError && error.code === 'decoder-missing') return undefined;
    throw error;
  }
  try {
    return (await loader.inspect(examples, { signal })).digests;
  } finally {
    await loader.close();
  }
}
