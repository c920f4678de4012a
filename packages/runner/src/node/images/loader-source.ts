import { sampledOrder, type Sampler, viewRandom } from '@fixres/data';
import { type Example, type ImageLoader, labelsOf } from '@fixres/data/node';
import type { DatasetRecord, Sampling } from '@fixres/runs';
import type { RunExperimentOptions } from '../../arms/run-experiment-options.ts';
import type { ImageBatch, ImageSource } from '../../images/image-source.ts';
import type { PreparedImages } from './prepare-images.ts';

/**
 * Examples read by a loader, as an image source of a run. The caller closes the loader.
 *
 * @param classes number of classes of a multi-label data set, whose batches have `targets`. Default: each
 * image has one class
 */
export function loaderSource(
  loader: ImageLoader,
  examples: readonly Example[],
  classes?: number,
): ImageSource {
  const multiHot =
    classes === undefined
      ? undefined
      : (indices: Uint32Array): Float32Array => {
          const targets = new Float32Array(indices.length * classes);
          for (const [row, index] of indices.entries())
            for (const label of labelsOf(examples[index]!)) targets[row * classes + label] = 1;
          return targets;
        };
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
    if (sampling === 'class-balanced') return { kind: sampling, labels, ...share };
    return share === undefined ? { kind: 'shuffled' } : { kind: 'rank-strided', ...share };
  };
  return {
    size: examples.length,
    ids: examples.map(({ id }) => id),
    access: {
      labels,
      multiHot,
      order: ({ seed, epoch, shuffle, sampling }) =>
        sampledOrder(samplerOf(shuffle, sampling), examples.length, { seed, epoch }).indices,
      viewRandom: ({ seed, epoch }, index, copy) => viewRandom(seed, epoch, index, copy),
      select: (indices) =>
        loaderSource(
          loader,
          Array.from(indices, (index) => examples[index]!),
          classes,
        ),
    },
    batches: ({ shuffle, sampling, share, ...options }) => {
      const sampler = samplerOf(shuffle, sampling, share);
      const batches = loader.batches(examples, { ...options, sampler });
      return multiHot === undefined ? batches : withMultiHot(batches, multiHot);
    },
    release: (batch) => loader.recycle(batch),
  };
}

async function* withMultiHot(
  batches: AsyncIterable<ImageBatch>,
  multiHot: (indices: Uint32Array) => Float32Array,
): AsyncGenerator<ImageBatch, void> {
  for await (const batch of batches) yield { ...batch, targets: multiHot(batch.indices) };
}

/** The number of classes that {@link loaderSource} needs of a data set: that of a multi-label one. */
function multiLabelClasses({
  classes,
  multiLabel = false,
}: Pick<DatasetRecord, 'classes' | 'multiLabel'>): number | undefined {
  return multiLabel ? classes.length : undefined;
}

/** The images of a run as its sources. */
export function sourcesOf(
  loader: ImageLoader,
  {
    record,
    train,
    heldOut,
    thresholds,
    sizes,
  }: Pick<PreparedImages, 'record' | 'train' | 'heldOut' | 'thresholds' | 'sizes'>,
): Pick<RunExperimentOptions, 'train' | 'heldOut' | 'thresholdImages' | 'sizeImages'> {
  const source = (examples: readonly Example[]): ImageSource =>
    loaderSource(loader, examples, multiLabelClasses(record));
  return {
    train: source(train),
    heldOut: source(heldOut),
    thresholdImages: thresholds.length > 0 ? source(thresholds) : undefined,
    sizeImages: sizes.length > 0 ? source(sizes) : undefined,
  };
}
