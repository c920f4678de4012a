import { imageSizeOf } from '@fixres/data';
import type { ArmSpec } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cachedTrainer } from '../cached/cached-trainer.ts';
import { cacheFeatures, defaultFeatureBudget } from '../cached/cache-features.ts';
import type { ImageSource } from '../images/image-source.ts';
import { withArmTraining } from './arm-training.ts';
import { type MeasurePartOptions, passesOf, RATE } from './measure-options.ts';
import { type PartSpeed, partSpeed } from './part-speed.ts';
import { type BatchTime, timeBatches } from './time-batches.ts';

/** A pass computes about half of the views that are missing, in whole batches. */
const MOST_PASSES = 8;

/** A step on features takes milliseconds. */
const MOST_SECONDS = 2;

/** Speed of parts that were measured together. */
export interface MeasuredParts {
  parts: PartSpeed[];
  /** Size of all features of the data set that a run caches in memory, in 10^6 bytes. */
  featuresMb: number;
}

/**
 * Measures the features of the frozen trunk of an arm, and the training on them. The weights of the
 * model change. The features of the sample are cached where those of the whole data set would be:
 * they have the same fraction of the budget as of the images.
 *
 * @param options.batches number of batches of images whose features are computed, in all their views
 * @returns the features, and the training on them; undefined if the features cannot be cached, or exceed the budget
 */
export function measureCached(
  model: LayersModel,
  arm: ArmSpec,
  { batches, ...options }: MeasurePartOptions & { batches: number },
): Promise<MeasuredParts | undefined> {
  const { batchSize, precision, seconds, memory, features, images, onWarning } = options;
  const sample = firstOf(options.sample, Math.min(batches * batchSize, images.train));
  const fraction = sample.size / images.train;
  const { memoryBytes, diskBytes } = features?.budget ?? defaultFeatureBudget;
  return withArmTraining(model, arm, async ({ handle, optimizer, average }) => {
    const clock = new TrunkClock();
    const { plan, cached } = await cacheFeatures({
      ...arm,
      model,
      handle,
      train: sample,
      heldOut: firstOf(sample, Math.ceil(fraction * images.heldOut)),
      // With one epoch, nothing is cached.
      epochs: 2,
      batchSize,
      trunkPrecision: precision,
      settings: {
        ...features,
        budget: { memoryBytes: fraction * memoryBytes, diskBytes: fraction * diskBytes },
      },
      onWarning,
      onFeatures: (images) => {
        clock.add(images);
      },
    });
    if (cached === undefined) return undefined;
    try {
      const passes = passesOf(cached.train, arm.trainPolicy, options);
      await computeFeatures(passes, clock, plan.views);
      const part = {
        size: imageSizeOf(arm.trainPolicy.output),
        precision,
        preparedSeconds: 0,
        peakRssMb: memory.peakMb(),
      };
      const trunk = partSpeed(clock.times(), { kind: 'features', ...part });
      const trainer = cachedTrainer(model, handle, optimizer, cached.split, { average });
      try {
        const times = await timeBatches({
          ...passes,
          work: (batch) => {
            trainer.step(batch, RATE);
            return !clock.hasRun();
          },
          seconds: Math.min(seconds, MOST_SECONDS),
        });
        return {
          parts: [trunk, partSpeed(times, { kind: 'head', ...part })],
          featuresMb: cached.memoryBytes / fraction / 1e6,
        };
      } finally {
        trainer.dispose();
      }
    } finally {
      await cached.dispose();
    }
  });
}

/** The first images of a source, if it gives them one by one. */
function firstOf(source: ImageSource, images: number): ImageSource {
  const { size, access } = source;
  return (
    access?.select(Uint32Array.from({ length: Math.min(size, images) }, (_, i) => i)) ?? source
  );
}

/** Reads all views of the training images, so that their features are computed. */
async function computeFeatures(
  { pass, release }: ReturnType<typeof passesOf>,
  clock: TrunkClock,
  views: number,
): Promise<void> {
  for (let epoch = 0; clock.images < views && epoch < MOST_PASSES; epoch++) {
    clock.start();
    for await (const batch of pass(epoch)) release?.(batch);
  }
  clock.hasRun();
}

/** Records how long the batches of a trunk take, including the reading of their images. */
class TrunkClock {
  readonly #batches: BatchTime[] = [];
  #last: number = performance.now();
  #ran = false;

  /** Leaves out the time since the last batch. The time before the first one counts. */
  start(): void {
    if (this.#batches.length > 0) this.#last = performance.now();
  }

  /** Records a batch. */
  add(images: number): void {
    const now = performance.now();
    this.#batches.push({ images, seconds: (now - this.#last) / 1000, waited: undefined });
    this.#last = now;
    this.#ran = true;
  }

  /** Number of images so far. */
  get images(): number {
    return this.#batches.reduce((sum, { images }) => sum + images, 0);
  }

  /** Whether the trunk has run since the last call. */
  hasRun(): boolean {
    const ran = this.#ran;
    this.#ran = false;
    return ran;
  }

  /** The first batch includes compilation, unless it is the only one. */
  times(): { firstSeconds: number; batches: BatchTime[] } {
    const [first, ...rest] = this.#batches;
    return rest.length > 0
      ? { firstSeconds: first!.seconds, batches: rest }
      : { firstSeconds: 0, batches: this.#batches };
  }
}
