import type { Example, ImageLoader } from '@fixres/data/node';
import type { ImageSource } from '../image-source.ts';

/** Examples read by a loader, as a run wants them. The loader stays the caller's to close. */
export function loaderSource(loader: ImageLoader, examples: readonly Example[]): ImageSource {
  const ids = examples.map(({ id }) => id);
  return { size: examples.length, ids, batches: (options) => loader.batches(examples, options), release: (batch) => loader.recycle(batch) };
}
