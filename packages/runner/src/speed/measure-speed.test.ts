import { imageSizeText } from '@fixres/data';
import { useEngine } from '@fixres/engine';
import { memoryStore } from '@fixres/finetune';
import { type ArmSpec, type Experiment, fixresExperiment, fixresPresets } from '@fixres/runs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { viewImages } from '../../test/view-images.ts';
import type { FeatureSettings } from '../cached/cache-features.ts';
import type { ImageSource } from '../images/image-source.ts';
import { expectedNorms } from '../progress/arm-work.ts';
import { createEagerTrainer } from '../training/trainer-factory.ts';
import { estimateSeconds } from './estimate-seconds.ts';
import { measureReading } from './measure-reading.ts';
import { measureSpeed, type MeasureSpeedOptions } from './measure-speed.ts';
import { type PartSpeed, partSpeed } from './part-speed.ts';
import { partsOf } from './parts-of.ts';
import { timeBatches } from './time-batches.ts';

beforeAll(() => useEngine({ engine: 'wasm' }));

const images = { train: 90, heldOut: 10 };

/** The arms `small`, `fixres` and `vanilla` of the FixRes experiment at sizes 32 and 48. */
function tiny(overrides: Partial<Experiment> = {}): Experiment {
  const { arms, ...experiment } = fixresExperiment({
    ...fixresPresets.quick,
    width: 4,
    small: 32,
    large: 48,
    epochs: 2,
    finetuneEpochs: 3,
    batchSize: 4,
    arms: ['small', 'fixres', 'vanilla'],
  });
  return { ...experiment, arms: arms as ArmSpec[], ...overrides };
}

function options(overrides: Partial<MeasureSpeedOptions> = {}): MeasureSpeedOptions {
  return {
    classes: 2,
    sample: viewImages(12, 1),
    images,
    seconds: 0.05,
    memory: { reset: () => undefined, peakMb: () => 7, nowMb: () => 1 },
    onWarning: (message) => {
      throw new Error(message);
    },
    ...overrides,
  };
}

describe('measureSpeed', () => {
  it('measures each kind of work once at each size, and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const seen: string[] = [];
    const { parts, reading, other } = await measureSpeed(tiny(), {
      ...options(),
      otherPrecision: 'float32',
      onPart: ({ kind, size }) => seen.push(`${kind} ${imageSizeText(size)}`),
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(parts.map(({ kind, size }) => `${kind} ${imageSizeText(size)}`)).toEqual([
      'evaluate 32',
      'evaluate 48',
      'train 32',
      'train 48',
      'features 48',
      'head 48',
    ]);
    expect(seen).toEqual([
      'evaluate 32',
      'evaluate 48',
      'train 32',
      'train 48',
      'features 48',
      'train 32',
    ]);
    for (const { kind, secondsPerImage, batches, startSeconds, waited, peakRssMb } of [
      ...parts,
      other!,
    ]) {
      const { mean, min, max } = secondsPerImage;
      expect(min).toBeGreaterThan(0);
      expect(min <= mean && mean <= max).toBe(true);
      expect(batches).toBeGreaterThan(0);
      expect(startSeconds).toBeGreaterThanOrEqual(0);
      // The trunk reads its images itself, so nothing else waits for them.
      if (kind === 'features') expect(waited).toBeUndefined();
      else expect(waited! >= 0 && waited! < 1).toBe(true);
      expect(peakRssMb).toBe(7);
    }
    expect(reading.map(({ policy, size }) => `${policy} ${imageSizeText(size)}`)).toEqual([
      'sampledBoundingBoxCrop 32',
      'sampledBoundingBoxCrop 48',
      'shortSideCrop+flip 48',
    ]);
  });

  it('measures the end of a model on images if its features cannot be cached', async () => {
    const made = viewImages(8, 1);
    const sample: ImageSource = { size: made.size, batches: (request) => made.batches(request) };
    const { parts } = await measureSpeed(tiny(), options({ sample }));
    expect(parts.map(({ kind, size }) => `${kind} ${imageSizeText(size)}`)).toEqual([
      'evaluate 32',
      'evaluate 48',
      'train 32',
      'train 48',
      'finetune 48',
    ]);
    // Training on features and the held-out images of each epoch then take as long as on images.
    const { arms } = estimateSeconds(tiny(), images, parts);
    const { work } = arms.find(({ name }) => name === 'fixres')!;
    expect(new Set(work.map(({ kind, size }) => `${kind} ${imageSizeText(size)}`))).toEqual(
      new Set(['finetune 48', 'evaluate 48', 'evaluate 32']),
    );
  });

  it('caches features if and only if those of the whole data set fit, and adds up their memory', async () => {
    // The sample is a tenth of the training images, and one of its images stands for ten held out.
    const sized = { sample: viewImages(8, 1), images: { train: 80, heldOut: 10 } };
    const experiment = tiny();
    const tuned = { ...experiment, arms: experiment.arms.filter(({ name }) => name === 'fixres') };
    const measured = async (features: FeatureSettings): Promise<[string[], number]> => {
      const { parts, featuresMb } = await measureSpeed(tuned, options({ ...sized, features }));
      const kinds = parts.map(({ kind }) => kind).filter((kind) => kind !== 'evaluate');
      return [kinds, 1e6 * featuresMb];
    };
    const cached = ['features', 'head'];
    const [kinds, bytes] = await measured({});
    expect(kinds).toEqual(cached);
    // Two views of the training images, one of the held-out ones.
    const ofView = bytes / 170;
    expect(ofView).toBeCloseTo(Math.round(ofView), 6);
    const ofTraining = Math.round(160 * ofView);
    const budget = (memoryBytes: number): FeatureSettings => ({
      budget: { memoryBytes, diskBytes: 0 },
    });
    expect(await measured(budget(ofTraining + 1))).toEqual([
      cached,
      expect.closeTo(ofTraining, 3) as number,
    ]);
    expect(await measured(budget(ofTraining - 1))).toEqual([['finetune'], 0]);
    const onDisk = await measured({
      budget: { memoryBytes: 0, diskBytes: ofTraining + 1 },
      openFile: (_, layout) => Promise.resolve(memoryStore(layout)),
    });
    expect(onDisk).toEqual([cached, 0]);
  });

  it('measures evaluation in float32 too if an experiment computes in bfloat16', async () => {
    const experiment = tiny({ precision: 'bfloat16' });
    const forwards: string[] = [];
    const { parts } = await measureSpeed(
      { ...experiment, arms: experiment.arms.filter(({ name }) => name === 'small') },
      options({
        // Only the native engine computes in bfloat16.
        createTrainer: (request) => createEagerTrainer({ ...request, precision: 'float32' }),
        createForward: (_, { size, precision }) => {
          forwards.push(`evaluate ${imageSizeText(size)} ${precision}`);
          return undefined;
        },
      }),
    );
    const evaluations = ['evaluate 32 bfloat16', 'evaluate 32 float32', 'evaluate 48 float32'];
    expect(forwards).toEqual(evaluations);
    expect(
      parts.map(({ kind, size, precision }) => `${kind} ${imageSizeText(size)} ${precision}`),
    ).toEqual([...evaluations, 'train 32 bfloat16']);
  });

  it('refuses a sample without images', async () => {
    await expect(measureSpeed(tiny(), options({ sample: viewImages(0, 1) }))).rejects.toMatchObject(
      {
        code: 'bad-option',
        message: 'Option "sample" has no images; give at least one batch.',
      },
    );
  });

  it('stops when aborted', async () => {
    const abort = new AbortController();
    const measured = measureSpeed(tiny(), {
      ...options({ signal: abort.signal }),
      onPart: () => {
        abort.abort(new Error('enough'));
      },
    });
    await expect(measured).rejects.toThrow('enough');
  });
});

/** A clock that only `vi.advanceTimersByTime` moves, until the end of a test. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
}

describe('timeBatches', () => {
  it('leaves out the first batch and those that do not count', async () => {
    stopClock();
    const source = viewImages(12, 1);
    let batches = 0;
    const { batches: times, firstSeconds } = await timeBatches({
      pass: (epoch) =>
        source.batches({
          policy: tiny().arms[0]!.trainPolicy,
          batchSize: 4,
          seed: 0,
          epoch,
          shuffle: true,
        }),
      work: () => {
        batches += 1;
        vi.advanceTimersByTime(batches === 1 ? 60 : 5);
        return batches % 2 === 0;
      },
      seconds: 0.1,
    });
    expect(firstSeconds).toBeCloseTo(0.06, 9);
    // Every second one of the nine that take 0.1 seconds together.
    expect(batches).toBe(9);
    expect(times).toEqual(
      Array.from({ length: 4 }, () => ({
        images: 4,
        seconds: expect.closeTo(0.005, 9) as number,
        waited: 0,
      })),
    );
  });

  it('counts the time until a batch is there as waiting', async () => {
    stopClock();
    const source = viewImages(12, 1);
    const policy = tiny().arms[0]!.trainPolicy;
    const { batches } = await timeBatches({
      async *pass(epoch) {
        for await (const batch of source.batches({
          policy,
          batchSize: 4,
          seed: 0,
          epoch,
          shuffle: true,
        })) {
          vi.advanceTimersByTime(30);
          yield batch;
        }
      },
      work: () => void vi.advanceTimersByTime(10),
      seconds: 0.15,
    });
    expect(batches.length).toBeGreaterThan(2);
    for (const { seconds, waited } of batches) {
      expect(seconds).toBeCloseTo(0.04, 9);
      expect(waited).toBeCloseTo(0.03, 9);
    }
  });

  it('refuses a pass without batches, and stops when aborted', async () => {
    const source = viewImages(0, 1);
    const policy = tiny().arms[0]!.trainPolicy;
    const empty = {
      pass: (epoch: number) =>
        source.batches({ policy, batchSize: 4, seed: 0, epoch, shuffle: true }),
      work: () => undefined,
      seconds: 60,
    };
    await expect(timeBatches(empty)).rejects.toMatchObject({ code: 'bad-option' });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(timeBatches({ ...empty, signal })).rejects.toThrow('enough');
  });

  it('counts the first batch if it takes twice the time', async () => {
    const source = viewImages(4, 1);
    const policy = tiny().arms[0]!.trainPolicy;
    const { firstSeconds, batches } = await timeBatches({
      pass: (epoch) => source.batches({ policy, batchSize: 4, seed: 0, epoch, shuffle: true }),
      work: () => undefined,
      seconds: 0,
    });
    expect([firstSeconds, batches.length]).toEqual([0, 1]);
  });
});

it('measureReading counts whole passes after the first', async () => {
  let passes = 0;
  const source = viewImages(12, 1);
  const counted = {
    ...source,
    batches(request: Parameters<typeof source.batches>[0]) {
      passes += 1;
      return source.batches(request);
    },
  };
  const policy = tiny().arms[0]!.trainPolicy;
  const { mean, min, max } = await measureReading(counted, policy, { batchSize: 4, seconds: 0 });
  expect(passes).toBe(2);
  expect([min, max]).toEqual([mean, mean]);
});

describe('estimateSeconds', () => {
  const speedsOf = (experiment: Experiment): PartSpeed[] =>
    partsOf(experiment, images).map(({ kind, size, precision }, i) =>
      partSpeed(
        // A power of ten for each part: each digit of a sum shows one part.
        { firstSeconds: 0, batches: [{ images: 1, seconds: 10 ** i, waited: 0 }] },
        { kind, size, precision, preparedSeconds: 0, peakRssMb: 1 },
      ),
    );
  const speeds = speedsOf(tiny());

  it('multiplies the images of each part with its time', () => {
    const experiment = tiny({ normStatistics: 'running', activations: false });
    const keys = speeds.map(({ kind, size }) => `${kind} ${imageSizeText(size)}`);
    expect(keys).toEqual([
      'evaluate 32',
      'evaluate 48',
      'train 32',
      'train 48',
      'features 48',
      'head 48',
    ]);
    const { arms, seconds } = estimateSeconds(experiment, images, speeds);
    // Two epochs of 90 images; 10 held-out images after each, and under each evaluation: at 32, at
    // 48 for the two large policies.
    const evaluations = experiment.evaluations.map(({ output }) => output.width);
    const [at32, at48] = [32, 48].map(
      (size) => evaluations.filter((each) => each === size).length,
    ) as [number, number];
    const small = 180 * 100 + (20 + 10 * at32) + 10 * at48 * 10;
    const vanilla = 180 * 1000 + 10 * at32 + (20 + 10 * at48) * 10;
    // Three epochs show 7 of 8 views of 90 images in the mean, with two views each; the held-out
    // images have one. Three epochs on them; 10 images after each, and once more.
    const features = 90 * 2 * (1 - 0.5 ** 3) + 10;
    const fixres = features * 1e4 + (270 + 30 + 10) * 1e5 + 10 * at32 + 10 * (at48 - 1) * 10;
    expect(Object.fromEntries(arms.map(({ name, seconds: each }) => [name, each]))).toEqual({
      small: expect.closeTo(small, 3) as number,
      fixres: expect.closeTo(fixres, 3) as number,
      vanilla: expect.closeTo(vanilla, 3) as number,
    });
    expect(seconds).toBeCloseTo(small + fixres + vanilla, 3);
  });

  it('counts reported evaluations and held-out features in float32', () => {
    const experiment = tiny({
      normStatistics: 'precise',
      normImages: 50,
      activations: false,
      precision: 'bfloat16',
    });
    const { arms } = estimateSeconds(experiment, images, speedsOf(experiment));
    const evaluations = (name: string): Record<string, number> =>
      Object.fromEntries(
        arms
          .find((arm) => arm.name === name)!
          .work.filter(({ kind }) => kind === 'evaluate')
          .map((item) => [`${imageSizeText(item.size)} ${item.precision}`, item.images]),
      );
    const [at32, at48] = [32, 48].map(
      (size) => experiment.evaluations.filter(({ output }) => output.width === size).length,
    ) as [number, number];
    const norms = expectedNorms(experiment.arms[0]!, experiment, images.train);
    // After each of two epochs: statistics and accuracy. At the end: statistics of 50 images and all
    // evaluations.
    expect(evaluations('small')).toEqual({
      '32 bfloat16': 2 * (norms.epoch + 10),
      '32 float32': 50 + 10 * at32,
      '48 float32': 10 * at48,
    });
    // Ten held-out images go through the trunk instead of one evaluation at 48.
    expect(evaluations('fixres')).toEqual({ '32 float32': 10 * at32, '48 float32': 10 * at48 });
  });

  it('adds the start of each part once for each arm and seed', () => {
    const started = speeds.map((speed) => ({
      ...speed,
      startSeconds: 1,
      secondsPerImage: { mean: 0, min: 0, max: 0 },
    }));
    const { arms } = estimateSeconds(tiny({ seeds: [0, 1] }), images, started);
    // Training, and evaluation at both sizes; the features and the head, and evaluation at both.
    expect(arms.map(({ name, seconds }) => [name, seconds])).toEqual([
      ['small', 2 * 3],
      ['fixres', 2 * 4],
      ['vanilla', 2 * 3],
    ]);
  });
});
