import { FixresDataError } from '@fixres/data';
import { type Example, ImageLoader, loaderThreads } from '@fixres/data/node';
import { requireEngine } from '@fixres/engine';
import type { EngineRecord, Experiment, Precision } from '@fixres/runs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { rehearse } from '../../arms/rehearse.ts';
import type { ArmWork } from '../../progress/arm-work.ts';
import { resolveCosts } from '../../compute/resolve-costs.ts';
import { estimateSeconds, type SecondsEstimate } from '../../speed/estimate-seconds.ts';
import { measureReading } from '../../speed/measure-reading.ts';
import { type ExperimentSpeed, measureSpeed } from '../../speed/measure-speed.ts';
import type { Spread } from '../../speed/part-speed.ts';
import type { Part } from '../../speed/parts-of.ts';
import { createCompiledForward, createCompiledTrainer } from '../compiled/compiled-factories.ts';
import { type DatasetWords, optionWords } from '../images/dataset-words.ts';
import { decodedBytes } from '../images/decoded-bytes.ts';
import { evenlySpaced } from '../images/evenly-spaced.ts';
import { holdingBack } from '../images/holding-back.ts';
import { imageLoading } from '../images/image-loading.ts';
import { loaderSource } from '../images/loader-source.ts';
import { readableExamples } from '../images/readable-examples.ts';
import { splitFor } from '../images/split-for.ts';
import { processMemory } from '../memory/process-memory.ts';
import { openModels } from '../models/open-models.ts';
import { featureSettings } from './feature-choice.ts';
import { plannedExperiment } from './planned-experiment.ts';
import { chooseEngine } from './choose-engine.ts';
import type { PreparationListeners } from './session-listeners.ts';
import type { SessionPlan } from './session-plan.ts';

export interface MeasureSessionOptions {
  /** Number of images to estimate for. Default: those of the data set. */
  images?: number | undefined;
  /** Seconds to measure for. Default 100. */
  seconds?: number;
  /** A folder on the disk that runs are stored on. Default: the working directory. */
  folder?: string;
  /** Names of data set settings in messages. Default: the options of the command line. */
  words?: DatasetWords | undefined;
  on?: PreparationListeners & {
    /** Called before each part is measured. */
    part?: ((part: Part) => void) | undefined;
  };
  signal?: AbortSignal | undefined;
}

/** How fast an experiment runs on this machine, and how long it would take. Plain data. */
export interface SessionSpeed extends ExperimentSpeed {
  experiment: Experiment;
  engine: EngineRecord;
  cores: number;
  /** Images to estimate for, and the data set that they were measured with. */
  images: {
    dataset: string;
    train: number;
    heldOut: number;
    /** Training images that are held back to choose thresholds, and sizes. */
    thresholds: number;
    sizes: number;
  };
  /** Seconds per image to read and decode the files, without any cache. */
  decoding: Spread;
  imageCache: {
    /** Estimated size of all decoded images, in 10^6 bytes. */
    neededMb: number;
    /** Size of the cache in memory, in 10^6 bytes. */
    limitMb: number;
    /** Whether all images fit. Otherwise they are decoded in every epoch. */
    fits: boolean;
    /** Whether decoded images are also cached on disk. */
    onDisk: boolean;
  };
  estimate: SecondsEstimate & {
    /** Of `seconds`: decoding every image once, before training. */
    checkSeconds: number;
  };
}

/** Batches of images to measure with. More than a loader reads ahead. */
const SAMPLE_BATCHES = 8;

/**
 * Measures how fast the experiment of a plan runs on this machine, with a sample of its training
 * images, and estimates the time of a whole run. Writes no run folder: only to the disk cache of the
 * plan, and temporary files for features that exceed the memory.
 *
 * @throws as `runSession`
 */
export async function measureSession(
  plan: SessionPlan,
  options: MeasureSessionOptions = {},
): Promise<SessionSpeed> {
  const { seconds = 100, folder = '.', words = optionWords, on = {} } = options;
  const { signal = new AbortController().signal } = options;
  requireEngine(plan);
  const { planned, open } = await plannedExperiment(plan, { words, on, signal });
  const dataset = await open();
  const parts = holdingBack(splitFor(dataset, plan.dataset, words), plan.dataset, dataset);
  const images = scaled(
    {
      train: parts.train.length,
      heldOut: parts.heldOut.length,
      thresholds: parts.thresholds.length,
      sizes: parts.sizes.length,
    },
    options.images,
  );
  const all = sum(images);
  const { engine, ...resolved } = await chooseEngine({ plan, on }, planned, {
    threads: availableParallelism(),
  });
  if (resolved.warning !== undefined) on.warning?.(resolved.warning);
  const classes = dataset.classNames.length;
  const opening = openModels(dataset.classNames, dataset.multiLabel);
  await rehearse(resolved.experiment, { classes, ...opening });
  const experiment = await resolveCosts(resolved.experiment, {
    trainImages: images.train,
    classes,
    ...opening,
  });

  // As many threads as a run of all images has.
  const threads = loaderThreads(all);
  const loading = { ...imageLoading(plan.dataset, plan.diskCache), threads };
  const uncached = new ImageLoader({ ...loading, cacheBytes: 0, diskCache: undefined });
  let loader: ImageLoader | undefined;
  let files: string | undefined;
  try {
    // A damaged image does not change the speed; a run reports it.
    const chosen = evenlySpaced(parts.train, SAMPLE_BATCHES * experiment.batchSize);
    const reading = { loader: uncached, skipCorrupt: true, words, on, signal };
    const { examples } = await readableExamples(chosen, reading);
    if (examples.length === 0)
      throw new FixresDataError(
        'corrupt-image',
        `None of ${chosen.length} images of "${dataset.name}" can be decoded.`,
      );
    const neededMb = ((await decodedBytes(examples, signal)) * all) / 1e6;
    const limitMb = (loading.cacheBytes ?? 0) / 1e6;
    const fits = neededMb <= limitMb;
    loader = new ImageLoader({ ...loading, ...(!fits && { cacheBytes: 0 }) });
    const sample = repeated(examples, SAMPLE_BATCHES * experiment.batchSize);
    on.progress?.('Measuring: decoding');
    const decoding = await measureReading(
      loaderSource(uncached, sample),
      experiment.arms[0]!.trainPolicy,
      { batchSize: experiment.batchSize, seconds: DECODING * seconds, signal },
    );
    files = await mkdtemp(join(tmpdir(), 'fixres-bench-'));
    const { deterministic } = plan;
    const speed = await measureSpeed(experiment, {
      classes,
      ...opening,
      images,
      sample: loaderSource(loader, sample, dataset.multiLabel ? classes : undefined),
      seconds: (1 - DECODING) * seconds,
      memory: processMemory(engine),
      createTrainer: createCompiledTrainer,
      createForward: createCompiledForward,
      features: await featureSettings(plan.features ?? {}, { folder, deterministic, files }),
      otherPrecision: engine.name === 'tensorflow' ? otherThan(experiment.precision) : undefined,
      onPart: on.part,
      onWarning: (message) => on.warning?.(message),
      signal,
    });
    const estimate = estimateSeconds(experiment, images, speed.parts);
    const checkSeconds = all * decoding.mean;
    return {
      ...speed,
      experiment,
      engine,
      cores: availableParallelism(),
      images: { dataset: dataset.name, ...images },
      decoding,
      imageCache: { neededMb, limitMb, fits, onDisk: loading.diskCache !== undefined },
      estimate: { ...estimate, seconds: estimate.seconds + checkSeconds, checkSeconds },
    };
  } finally {
    await uncached.close();
    await loader?.close();
    if (files !== undefined) await rm(files, { recursive: true, force: true });
  }
}

/** Fraction of the time for decoding alone. */
const DECODING = 0.05;

/** Numbers of images of the parts of a run. */
type Counts = Required<ArmWork['images']>;

/** The same parts of another number of images. */
function scaled(counts: Counts, images: number | undefined): Counts {
  if (images === undefined) return counts;
  const part = (count: number): number => Math.round((images * count) / sum(counts));
  const heldOut = Math.min(Math.max(1, part(counts.heldOut)), images - 1);
  const [thresholds, sizes] = [part(counts.thresholds), part(counts.sizes)];
  return { train: Math.max(1, images - heldOut - thresholds - sizes), heldOut, thresholds, sizes };
}

function sum({ train, heldOut, thresholds, sizes }: Counts): number {
  return train + heldOut + thresholds + sizes;
}

/** A small data set several times, so that batches are whole. */
function repeated(examples: readonly Example[], count: number): Example[] {
  return Array.from({ length: count }, (_, i) => examples[i % examples.length]!);
}

function otherThan(precision: Precision = 'float32'): Precision {
  return precision === 'float32' ? 'bfloat16' : 'float32';
}
