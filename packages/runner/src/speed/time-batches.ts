import * as tf from '@tensorflow/tfjs-core';
import { FixresRunnerError } from '../errors.ts';
import type { ImageBatch } from '../images/image-source.ts';

/** Time of one batch. */
export interface BatchTime {
  images: number;
  /** From asking for the batch to the end of the work on it. */
  seconds: number;
  /** Of these, seconds until the batch was there; undefined if not measured. */
  waited: number | undefined;
}

/** Times of batches. */
export interface BatchTimes {
  /** Seconds of the first batch: compilation, threads and caches; 0 if it is among `batches`. */
  firstSeconds: number;
  /** The batches after the first; at least one. */
  batches: BatchTime[];
}

export interface TimeBatchesOptions {
  /** Batches of a pass; called again whenever a pass has ended. */
  pass: (epoch: number) => AsyncIterable<ImageBatch>;
  /** Does the work on a batch. If it returns false, the batch does not count. */
  work: (batch: ImageBatch) => unknown;
  /** Recycles a batch. */
  release?: ((batch: ImageBatch) => void) | undefined;
  /** Seconds to measure for; slow work takes longer. */
  seconds: number;
  signal?: AbortSignal | undefined;
}

/** Number of batches to record, even if the time is over. */
const FEWEST = 2;

/** If the first batches take this many times the time, one is enough. */
const SLOW = 2;

/**
 * Repeats passes over images until the time is over, and records the time of each batch. The first
 * batch is a warm-up, unless it alone takes twice the time. At least two batches are recorded, or
 * one within twice the time.
 *
 * @throws FixresRunnerError `bad-option` if a pass has no batch; the signal's reason when aborted
 */
export async function timeBatches({
  pass,
  work,
  release,
  seconds: limit,
  signal,
}: TimeBatchesOptions): Promise<BatchTimes> {
  const began = performance.now();
  const batches: BatchTime[] = [];
  let firstSeconds: number | undefined;
  for (let epoch = 0; ; epoch++) {
    let asked = performance.now();
    let isEmpty = true;
    for await (const batch of pass(epoch)) {
      signal?.throwIfAborted();
      isEmpty = false;
      const received = performance.now();
      const counts = work(batch) !== false;
      const now = performance.now();
      const time = {
        images: batch.labels.length,
        seconds: (now - asked) / 1000,
        waited: (received - asked) / 1000,
      };
      release?.(batch);
      const used = (now - began) / 1000;
      if (firstSeconds === undefined && used >= SLOW * limit)
        return { firstSeconds: 0, batches: [time] };
      if (firstSeconds !== undefined && counts) batches.push(time);
      firstSeconds ??= time.seconds;
      if (used >= limit && batches.length >= (used >= SLOW * limit ? 1 : FEWEST))
        return { firstSeconds, batches };
      // Native steps block the event loop; this lets signals and worker messages through.
      await tf.nextFrame();
      asked = performance.now();
    }
    signal?.throwIfAborted();
    // Empty passes would repeat without end.
    if (isEmpty) throw noImages();
  }
}

/** The error for a sample without batches. */
export function noImages(): FixresRunnerError {
  return new FixresRunnerError(
    'bad-option',
    'Option "sample" has no images; give at least one batch.',
  );
}
