import { fixedViews, type Policy } from '@fixres/data';
import { type Example, ImageLoader, loaderThreads } from '@fixres/data/node';
import {
  armsToMeasure,
  type CheckpointStore,
  type PlannedExperiment,
  type RunEventInput,
} from '@fixres/runs';
import { availableParallelism, tmpdir } from 'node:os';
import { runExperiment } from '../../arms/run-experiment.ts';
import { readWeights } from '../../training/model-weights.ts';
import { createCompiledForward, createCompiledTrainer } from '../compiled/compiled-factories.ts';
import { decodedBytes } from '../images/decoded-bytes.ts';
import { evenlySpaced } from '../images/evenly-spaced.ts';
import { imageLoading } from '../images/image-loading.ts';
import { sourcesOf } from '../images/loader-source.ts';
import { readableExamples } from '../images/readable-examples.ts';
import { splitFor } from '../images/split-for.ts';
import { openModels } from '../models/open-models.ts';
import { featureSettings } from '../session/feature-choice.ts';
import { chooseEngine } from '../session/choose-engine.ts';
import { sessionDataset } from '../session/session-dataset.ts';
import type { ArmNeed, MeasureNeedRequest, MemoryNeed } from './memory-need.ts';
import { predictionsMb } from './predictions-memory.ts';
import { lifetimePeakMb, processMemory } from './process-memory.ts';
import { shortenedExperiment } from './shortened-experiment.ts';

/**
 * Measures the memory that an experiment needs, by running a short one on a few of its images in this
 * process, with all that a run does: compiled steps, checkpoints, evaluations. Writes nothing.
 */
export async function measureNeed({
  experiment,
  dataset: choice,
  features,
  classNames,
  ...plan
}: MeasureNeedRequest): Promise<MemoryNeed> {
  const quiet = { on: {}, signal: new AbortController().signal };
  // Look-alikes change the split, not the memory, and take long to find.
  const reading = { ...choice, splitByGroup: undefined };
  const dataset = await sessionDataset(reading, { ...quiet, classOrder: classNames });
  const { engine, experiment: resolved } = await chooseEngine({ plan, on: {} }, experiment, {
    threads: availableParallelism(),
  });
  const short = shortenedExperiment(resolved);
  const { batchSize } = short;
  const split = splitFor(dataset, { limit: choice.limit, heldOut: choice.heldOut });
  // Threads take memory: as many as for all images.
  const threads = loaderThreads(split.train.length + split.heldOut.length);
  const loader = new ImageLoader({ ...imageLoading(choice), cacheBytes: 0, threads });
  try {
    const some = async (examples: readonly Example[]): Promise<Example[]> => {
      const chosen = evenlySpaced(examples, batchSize);
      const readable = await readableExamples(chosen, { ...quiet, loader, skipCorrupt: true });
      return readable.examples;
    };
    await fillDecoders(loader, { examples: [...split.train, ...split.heldOut], threads });
    const heldOut = await some(split.heldOut);
    const sample = await some(split.train);
    const batches = Math.max(...short.arms.map(({ accumulate = 1 }) => accumulate));
    // A small data set several times, so that batches are whole.
    const train = Array.from({ length: batches * batchSize }, (_, i) => sample[i % sample.length]!);
    const { multiLabel } = dataset;
    const record = {
      name: dataset.name,
      classes: dataset.classNames,
      train: train.length,
      heldOut: heldOut.length,
      skipped: 0,
      ...(multiLabel && { multiLabel }),
    };
    const memory = processMemory(engine);
    const arms = new Map<string, ArmNeed>();
    let highest = memory.peakMb();
    const onEvent = (event: RunEventInput): void => {
      if (event.type !== 'arm-start' && event.type !== 'arm-end' && event.type !== 'feature-cache')
        return;
      const { arm: name } = event;
      const arm = arms.get(name) ?? { name, peakMb: 0, featureBytes: { train: 0, heldOut: 0 } };
      arms.set(name, arm);
      if (event.type === 'arm-end') arm.peakMb = memory.peakMb();
      if (event.type === 'feature-cache' && event.where !== 'nowhere') {
        const { testPolicy } = short.arms.find((spec) => spec.name === name)!;
        const count = event.shape.reduce((product, side) => product * side, 1);
        const bytes = event.precision === 'half' ? 2 : 4;
        arm.featureBytes = {
          train: event.bytes / train.length,
          heldOut: isOneView(testPolicy) ? bytes * count : 0,
        };
      }
    };
    await runExperiment(short, {
      engine,
      dataset: record,
      ...sourcesOf(loader, {
        record,
        train,
        heldOut,
        thresholds: [],
        sizes: armsToMeasure(short).length > 0 ? sample : [],
      }),
      decode: choice.decode,
      memory: {
        ...memory,
        reset: () => {
          highest = Math.max(highest, memory.peakMb());
          memory.reset();
        },
      },
      onEvent,
      onModel: async (_, __, model) => void (await readWeights(model)),
      ...openModels(dataset.classNames, multiLabel),
      createTrainer: createCompiledTrainer,
      createForward: createCompiledForward,
      features: await featureSettings(
        { ...features, memoryMb: Number.MAX_SAFE_INTEGER / 1e6 },
        { folder: tmpdir(), deterministic: plan.deterministic },
      ),
      checkpoints: forgetting,
    });
    return {
      peakMb:
        Math.max(highest, memory.peakMb(), lifetimePeakMb()) +
        readAheadMb(short) +
        predictionsMb(resolved, {
          images: split.heldOut.length - heldOut.length,
          classes: dataset.classNames.length,
          multiLabel: multiLabel === true,
        }),
      arms: [...arms.values()],
    };
  } finally {
    await loader.close();
  }
}

/**
 * Bytes of decoded photos that a thread leaves as garbage at most. V8 collects them when they are 64 MiB
 * (`kExternalAllocationSoftLimit` in its v8-internal.h).
 */
const DECODER_GARBAGE = 64 * 2 ** 20;

/** Photos whose size is read to estimate that of all. */
const SAMPLE = 100;

/**
 * Decodes photos until each thread has left as much garbage as after all of them: a run decodes every photo
 * before it trains. A batch, which is what the short experiment has, leaves 50 MB less.
 */
async function fillDecoders(
  loader: ImageLoader,
  { examples, threads }: { examples: readonly Example[]; threads: number },
): Promise<void> {
  const { signal } = new AbortController();
  const bytes = await decodedBytes(evenlySpaced(examples, SAMPLE), signal);
  const enough = Math.ceil((threads * DECODER_GARBAGE) / Math.max(1, bytes));
  await loader.inspect(evenlySpaced(examples, enough), { signal });
}

/** Takes states, as a store does, and keeps none. */
const forgetting: CheckpointStore = {
  load: () => Promise.resolve(undefined),
  save: () => Promise.resolve(),
  loadFinished: () => Promise.resolve(undefined),
  saveFinished: () => Promise.resolve(),
};

function isOneView(policy: Policy): boolean {
  return fixedViews(policy)?.policies.length === 1;
}

/** Batches that a loader reads ahead; a short epoch has only one. */
function readAheadMb({ arms, batchSize }: PlannedExperiment): number {
  const ahead = 2 * Math.min(availableParallelism(), 4);
  const pixels = arms.map(({ trainPolicy: { output } }) => output.width * output.height);
  return (ahead * batchSize * 3 * Math.max(...pixels)) / 1e6;
}
