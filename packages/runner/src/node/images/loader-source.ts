import { sampledOrder, viewRandom } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import type { ImageSource } from '../../images/image-source.ts';

/** Examples read by a loader, as an image source of a run. The caller closes the loader. */
export function loaderSource(loader: ImageLoader, examples: readonly Example[]): ImageSource {
  return {
    size: examples.length,
    ids: examples.map(({ id }) => id),
    access: {
      labels: Int32Array.from(examples, ({ label }) => label),
      order: ({ seed, epoch, shuffle }) =>
        sampledOrder({ kind: shuffle ? 'shuffled' : 'sequential' }, examples.length, {
          seed,
          epoch,
        }).indices,
      viewRandom: ({ seed, epoch }, index) => viewRandom(seed, epoch, index),
      select: (indices) =>
        loaderSource(
          loader,
          Array.from(indices, (index) => examples[index]!),
        ),
    },
    batches: (options) => loader.batches(examples, options),
    release: (batch) => loader.recycle(batch),
  };
}
