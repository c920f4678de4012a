import { batchSizesOf } from '../training/batch-sizes.ts';
import type { ImageSource } from '../images/image-source.ts';
import { FixresRunnerError } from '../errors.ts';

/** The place of a process among several. */
interface Place {
  rank: number;
  ranks: number;
}

/**
 * The share of one process of the shuffled passes of a source. Batch size and position are those of
 * all processes together; a batch has `batchSize / ranks` images. All batches of a step together
 * are the batch that one process would train on. If the number of images is no multiple of the
 * number of processes, the first images of a pass are repeated at its end, so that all take equally
 * many steps.
 */
export function processShare(source: ImageSource, { rank, ranks }: Place): ImageSource {
  return {
    size: source.size,
    ...(source.ids && { ids: source.ids }),
    batches: ({ batchSize, position = 0, ...pass }) =>
      source.batches({
        ...pass,
        batchSize: batchSize / ranks,
        position: position / ranks,
        share: { rank, ranks },
      }),
    release: (batch) => source.release?.(batch),
  };
}

/** The sizes of the batches of one process, in shuffled passes. */
export function shareSizes(images: number, batchSize: number, ranks: number): number[] {
  return batchSizesOf(Math.ceil(images / ranks), batchSize / ranks);
}

/** @throws FixresRunnerError `bad-option` for a batch that cannot be shared */
export function requireDivisible(batchSize: number, ranks: number): void {
  if (batchSize % ranks === 0) return;
  throw new FixresRunnerError(
    'bad-option',
    `Option "batchSize" is ${batchSize}; with ${ranks} processes, which share each batch, it must be a multiple of ${ranks}.`,
  );
}
