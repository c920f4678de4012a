import { sampledOrder, type Sampler, viewRandom } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import type { Sampling } from '@fixres/runs';
import type { ImageSource } from '../../images/image-source.ts';

/** Examples read by a loader, as an image source of a run. The caller closes the loader. */
export function loaderSource(loader: ImageLoader, examples: readonly Example[]): ImageSource {
  const labels = Int32Array.from(examples, ({ label }) => label);
  const samplerOf = (
    shuffle: boolean,
    sampling: Sampling | undefined,
    share?: { rank: number; ranks: number },
  ): Sampler => {
    if (!shuffle) return { kind: 'sequential' };
    if (typeof sampling === 'object') {
      const { repeatedAugmentation: repeats } = sampling;
      const place = { rank: 0, ranks: 1, ...share };
      return { kind: 'repeated-augmentation', ...place, repeats, roundTo: 'up' };
    }
    if (share !== undefined) return { kind: 'rank-strided', ...share };
    return sampling === undefined ? { kind: 'shuffled' } : { kind: sampling, labels };
  };
  return {
    size: examples.length,
    ids: examples.map(({ id }) => id),
    access: {
      labels,
      order: ({ seed, epoch, shuffle, sampling }) =>
        sampledOrder(samplerOf(shuffle, sampling), examples.length, { seed, epoch }).indices,
      viewRandom: ({ seed, epoch }, index, copy) => viewRandom(seed, epoch, index, copy),
      select: (indices) =>
        loaderSource(
          loader,
          Array.from(indices, (index) => examples[index]!),
        ),
    },
    batches: ({ shuffle, sampling, share, ...options }) =>
      loader.batches(examples, { ...options, sampler: samplerOf(shuffle, sampling, share) }),
    release: (batch) => loader.recycle(batch),
  };
}
