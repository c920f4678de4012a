import type { Policy } from '@fixres/data';
import type { Precision } from '@fixres/runs';
import type { StartModelOptions } from '../arms/start-model.ts';
import type { FeatureSettings } from '../cached/cache-features.ts';
import type { ForwardFactory } from '../evaluation/forward-factory.ts';
import type { ImageSource } from '../images/image-source.ts';
import type { ArmWork } from '../progress/arm-work.ts';
import type { MemoryMeter } from '../progress/memory-meter.ts';
import type { TrainerFactory } from '../training/trainer-factory.ts';
import type { TimeBatchesOptions } from './time-batches.ts';

/** How the parts of an experiment are measured. */
export interface MeasureOptions extends StartModelOptions {
  /**
   * Images to measure with: whole batches, and several of them, because batches are read ahead of a
   * step.
   */
  sample: ImageSource;
  /**
   * Number of images in the data set, which decide what parts the experiment has, and whether cached
   * features fit.
   */
  images: ArmWork['images'];
  /** Seconds to measure for. */
  seconds: number;
  memory: MemoryMeter;
  /** As in `RunExperimentOptions`. */
  createTrainer?: TrainerFactory;
  /** As in `RunExperimentOptions`. */
  createForward?: ForwardFactory;
  /** As in `RunExperimentOptions`; the budget is that of the whole data set. */
  features?: FeatureSettings;
  /** Called if a part runs kernel by kernel although a faster way was given, with the reason. */
  onWarning: (message: string) => void;
  signal?: AbortSignal | undefined;
}

/** Options of one part. */
export interface MeasurePartOptions extends MeasureOptions {
  batchSize: number;
  precision: Precision;
}

/** Only the time is measured; at this learning rate no loss becomes infinite. */
export const RATE = 1e-6;

/** Passes over a source for `timeBatches`. */
export function passesOf(
  source: ImageSource,
  policy: Policy,
  { batchSize, signal }: Pick<MeasurePartOptions, 'batchSize' | 'signal'>,
): Pick<TimeBatchesOptions, 'pass' | 'release' | 'signal'> {
  return {
    pass: (epoch) =>
      source.batches({ policy, batchSize, seed: 0, epoch, shuffle: true, position: 0, signal }),
    release: (batch) => source.release?.(batch),
    signal,
  };
}

/** Seconds since a time of `performance.now()`. */
export function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}
