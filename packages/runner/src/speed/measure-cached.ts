import type { ArmSpec } from '@fixres/runs';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { cachedTrainer } from '../cached/cached-trainer.ts';
import { cacheFeatures } from '../cached/cache-features.ts';
import type { ImageSource } from '../images/image-source.ts';
import { withArmTraining } from './arm-training.ts';
import { type MeasurePartOptions, passesOf, RATE } from './measure-options.ts';
import { type PartSpeed, partSpeed } from './part-speed.ts';
import { type BatchTime, timeBatches } from './time-batches.ts';

/** A pass computes about half of the views that are missing, in whole batches. */
const MOST_PASSES = 8;

/** A step on features takes milliseconds. */
const MOST_SECONDS = 2;

/**
 * Measures the features of the frozen trunk of an arm, and the training on them. The weights of the
 * model change.
 *
 * @param options.batches number of batches of images whose features are computed, in all their views
 * @returns undefined if the features cannot be cached
 */
export function measureCached(
  model: LayersModel,
  arm: ArmSpec,
  { batches, ...options }: MeasurePartOptions & { batches: number },
): Promise<PartSpeed[] | undefined> {
  const { batchSize, precision, seconds, memory, features, onWarning } = options;
  const sample = firstOf(options.sample, batches * batchSize);
  return withArmTraining(model, arm, async ({ handle, optimizer, average }) => {
    const clock = new TrunkClock();
    const { plan, cached } = await cacheFeatures({
      ...arm,
      model,
      handle,
      train: sample,
      heldOut: sample,
      // With one epoch, nothing is cached.
      epochs: 2,
      batchSize,
      trunkPrecision: precision,
      settings: features,
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
        size: arm.trainPolicy.output.width,
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
        return [trunk, partSpeed(times, { kind: 'head', ...part })];
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
    this.#batches.push({ images, seconds: (now - this.#last) / 1000, waited: 0 });
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
