import { resize } from '@fixres/data';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { smallImages } from '../../test/small-images.ts';
import { type EpochRecord, noProgress } from '@fixres/runs';
import type { ImageBatch, ImageSource } from '../images/image-source.ts';
import { type StepProgress, trainArm, type TrainArmOptions } from './train-arm.ts';
import type { Trainer } from './trainer.ts';

beforeAll(() => tf.setBackend('cpu'));

function options(overrides: Partial<TrainArmOptions>): TrainArmOptions {
  return {
    trainer: { step: ({ labels }) => ({ loss: 2, correct: labels.length / 2 }) },
    schedule: { type: 'constant', rate: 0.1 },
    classes: 2,
    progress: noProgress(),
    source: smallImages(10, 0),
    policy: resize(8),
    batchSize: 4,
    epochs: 2,
    seed: 0,
    heldOutAccuracy: () => Promise.resolve(0.5),
    onStep: () => undefined,
    onEpoch: () => undefined,
    ...overrides,
  };
}

describe('trainArm', () => {
  it('weights the smaller last batch by its number of images', async () => {
    const records: EpochRecord[] = [];
    const steps: StepProgress[] = [];
    const step: Trainer['step'] = ({ labels }) => ({
      loss: labels.length === 2 ? 4 : 1,
      correct: labels.length === 2 ? 0 : 4,
    });
    const keep = {
      onEpoch: (record: EpochRecord) => void records.push(record),
      onStep: (progress: StepProgress) => void steps.push(progress),
    };
    await trainArm(options({ trainer: { step }, ...keep }));
    expect(records).toMatchObject([
      { epoch: 0, loss: 1.6, accuracy: 0.8, heldOutAccuracy: 0.5 },
      { epoch: 1, loss: 1.6, accuracy: 0.8, heldOutAccuracy: 0.5 },
    ]);
    expect(steps.map(({ epoch, step: n, steps: of }) => `${epoch}: ${n}/${of}`)).toEqual([
      '0: 1/3',
      '0: 2/3',
      '0: 3/3',
      '1: 1/3',
      '1: 2/3',
      '1: 3/3',
    ]);
  });

  it('ends after `steps`, with a shorter last epoch and a schedule that ends there', async () => {
    const records: EpochRecord[] = [];
    const steps: StepProgress[] = [];
    const rates: number[] = [];
    const step: Trainer['step'] = ({ labels }, rate) => {
      rates.push(rate);
      return { loss: labels.length, correct: 4 };
    };
    const keep = {
      onEpoch: (record: EpochRecord) => void records.push(record),
      onStep: (progress: StepProgress) => void steps.push(progress),
    };
    const schedule = { type: 'cosine', rate: 1 } as const;
    await trainArm(options({ trainer: { step }, epochs: 4, steps: 5, schedule, ...keep }));
    // Two batches of four.
    expect(records).toMatchObject([
      { epoch: 0, loss: 3.6 },
      { epoch: 1, loss: 4, accuracy: 1, heldOutAccuracy: 0.5 },
    ]);
    expect(steps.map(({ epoch, step: n, steps: of }) => `${epoch}: ${n}/${of}`)).toEqual([
      '0: 1/3',
      '0: 2/3',
      '0: 3/3',
      '1: 1/2',
      '1: 2/2',
    ]);
    expect(rates).toEqual(
      [0, 1, 2, 3, 4].map(
        (n) => expect.closeTo((1 + Math.cos((Math.PI * n) / 5)) / 2, 12) as number,
      ),
    );
  });

  it('requests no more images than its steps need, and closes the source when it has enough', async () => {
    const { source, made } = counted(20);
    let ended = 0;
    const watched: ImageSource = {
      size: 20,
      async *batches(pass) {
        try {
          yield* source.batches(pass);
        } finally {
          ended += 1;
        }
      },
    };
    await trainArm(options({ source: watched, steps: 7 }));
    expect(made()).toEqual({ batches: 7, images: 28 });
    expect(ended).toBe(2);
  });

  it('sees several batches in each update, also when resumed, with the stage of each epoch', async () => {
    const run = async (progress: TrainArmOptions['progress'], until: number): Promise<string[]> => {
      const seen: string[] = [];
      const step: Trainer['step'] = ({ shape, indices }, rate, noise) => {
        seen.push(`${shape[1]}: ${indices.join()}, ${rate}, ${JSON.stringify(noise)}`);
        return { loss: 1, correct: 0 };
      };
      const onStep = (): void => {
        if (seen.length === until) throw new Error('left');
      };
      const stage = (epoch: number) => ({
        policy: resize(8 + 8 * epoch),
        dropout: epoch / 10,
        dropPath: undefined,
        mix: undefined,
      });
      const schedule = { type: 'cosine', rate: 1 } as const;
      await trainArm(
        options({ trainer: { step }, progress, accumulate: 2, stage, schedule, onStep }),
      ).catch(() => undefined);
      return seen;
    };
    const whole = await run(noProgress(), Infinity);
    // Ten images in batches of four: updates of eight and two, twice.
    expect(whole.map((each) => each.split(', ')[0]!.split(',').length)).toEqual([8, 2, 8, 2]);
    expect(whole.map((each) => each.split(':')[0])).toEqual(['8', '8', '16', '16']);
    expect(whole.map((each) => /"dropout":(\S+)\}/.exec(each)![1])).toEqual([
      '0',
      '0',
      '0.1',
      '0.1',
    ]);
    for (const until of [1, 2, 3]) {
      const progress = noProgress();
      expect([...(await run(progress, until)), ...(await run(progress, Infinity))]).toEqual(whole);
    }
  });

  it('resumes in a shorter last epoch', async () => {
    const run = async (progress: TrainArmOptions['progress'], until: number): Promise<string[]> => {
      const seen: string[] = [];
      const step: Trainer['step'] = ({ indices }, rate) => {
        seen.push(`${indices.join()} at ${rate}`);
        return { loss: 1, correct: 0 };
      };
      const onStep = (): void => {
        if (seen.length === until) throw new Error('left');
      };
      await trainArm(
        options({
          trainer: { step },
          progress,
          epochs: 3,
          steps: 8,
          schedule: { type: 'cosine', rate: 1 },
          onStep,
        }),
      ).catch(() => undefined);
      return seen;
    };
    const whole = await run(noProgress(), Infinity);
    expect(whole).toHaveLength(8);
    for (const until of [1, 3, 6, 7]) {
      const progress = noProgress();
      expect([...(await run(progress, until)), ...(await run(progress, Infinity))]).toEqual(whole);
      expect(progress).toMatchObject({ epoch: 3, step: 0 });
    }
  });

  it('releases every batch after its step', async () => {
    const log: string[] = [];
    const step: Trainer['step'] = ({ indices }) => {
      log.push(`step ${indices.join()}`);
      return { loss: 1, correct: 0 };
    };
    const source = {
      ...smallImages(10, 0),
      release: ({ indices }: ImageBatch) => void log.push(`release ${indices.join()}`),
    };
    await trainArm(options({ trainer: { step }, source, epochs: 1 }));
    expect(log.length).toBe(6);
    expect(log.filter((_, i) => i % 2 === 1)).toEqual(
      log.filter((_, i) => i % 2 === 0).map((entry) => entry.replace('step', 'release')),
    );
  });

  it('smooths labels, including those of mixed images', async () => {
    const seen: { labels: Int32Array; targets: Float32Array }[] = [];
    const step: Trainer['step'] = ({ labels, targets }) => {
      seen.push({ labels, targets: targets! });
      return { loss: 1, correct: 0 };
    };
    const mixed: ImageSource = {
      size: 4,
      async *batches(pass) {
        for await (const batch of smallImages(4, 0).batches(pass))
          yield { ...batch, targets: Float32Array.of(0.7, 0.3, 1, 0, 0, 1, 0.5, 0.5) };
      },
    };
    await trainArm(options({ trainer: { step }, labelSmoothing: 0.2, epochs: 1 }));
    for (const { labels, targets } of seen) {
      const expected = Array.from(labels).flatMap((label) =>
        label === 0 ? [0.9, 0.1] : [0.1, 0.9],
      );
      expect(Array.from(targets)).toEqual(
        expected.map((value) => expect.closeTo(value, 6) as number),
      );
    }
    seen.length = 0;
    await trainArm(options({ trainer: { step }, source: mixed, labelSmoothing: 0.2, epochs: 1 }));
    expect(Array.from(seen[0]!.targets)).toEqual(
      [0.66, 0.34, 0.9, 0.1, 0.1, 0.9, 0.5, 0.5].map((value) => expect.closeTo(value, 6) as number),
    );
    await trainArm(options({ trainer: { step }, source: mixed, epochs: 1 }));
    expect(seen[1]!.targets[0]).toBeCloseTo(0.7, 6);
  });

  it('mixes batches, alike when resumed, and gives all of them targets', async () => {
    const run = async (progress: TrainArmOptions['progress'], until: number): Promise<string[]> => {
      const seen: string[] = [];
      const step: Trainer['step'] = ({ pixels, labels, targets, indices }) => {
        seen.push(
          `${indices.join()}: ${pixels.slice(0, 20).join()}, ${labels.join()}, ${targets!.join()}`,
        );
        return { loss: 1, correct: 0 };
      };
      const onStep = (): void => {
        if (seen.length === until) throw new Error('left');
      };
      const mix = { mixup: 0.4, cutmix: 1, probability: 0.6 };
      await trainArm(options({ trainer: { step }, progress, epochs: 4, mix, onStep })).catch(
        () => undefined,
      );
      return seen;
    };
    const whole = await run(noProgress(), Infinity);
    expect(whole).toHaveLength(12);
    for (const until of [1, 4]) {
      const progress = noProgress();
      expect([...(await run(progress, until)), ...(await run(progress, Infinity))]).toEqual(whole);
    }
    // Batches of two classes: some mixed, some not.
    const isMixed = whole.map((each) => /, 0\.\d/.test(each) || /,0\.\d/.test(each));
    expect(new Set(isMixed)).toEqual(new Set([true, false]));
  });

  it("mixes with the smoothed labels of timm, counts the main class, and leaves the source's pixels", async () => {
    const given: ImageBatch[] = [];
    const source: ImageSource = {
      size: 4,
      async *batches(pass) {
        for await (const batch of smallImages(4, 0).batches(pass)) {
          given.push({ ...batch, pixels: batch.pixels.slice() });
          yield batch;
          expect(batch.pixels).toEqual(given.at(-1)!.pixels);
        }
      },
    };
    const step: Trainer['step'] = ({ pixels, labels, targets }) => {
      const { labels: own, pixels: plain } = given.at(-1)!;
      for (let i = 0; i < 4; i++) {
        const row = [...targets!.subarray(2 * i, 2 * i + 2)];
        expect(row[0]! + row[1]!).toBeCloseTo(1, 6);
        expect(row[labels[i]!]).toBeGreaterThanOrEqual(0.5);
        // Images of the same class keep their smoothed label.
        if (own[i] === own[3 - i]) expect(row[own[i]!]).toBeCloseTo(0.9, 6);
      }
      expect(pixels).not.toEqual(plain);
      return { loss: 1, correct: 0 };
    };
    const mix = { mixup: 1 };
    await trainArm(options({ trainer: { step }, source, mix, labelSmoothing: 0.2, epochs: 5 }));
    expect(given).toHaveLength(5);
  });

  it('stops at a non-finite loss, naming the step and its images', async () => {
    let calls = 0;
    const step: Trainer['step'] = () => ({ loss: ++calls === 5 ? Number.NaN : 1, correct: 0 });
    await expect(trainArm(options({ trainer: { step } }))).rejects.toMatchObject({
      code: 'non-finite-loss',
      message: expect.stringMatching(
        /became NaN in epoch 2, step 2 \(image \d+, image \d+, image \d+, image \d+\)/,
      ) as string,
    });
  });

  it('detects tensors that an epoch leaks', async () => {
    const leaked: tf.Tensor[] = [];
    onTestFinished(() => tf.dispose(leaked));
    const step: Trainer['step'] = () => {
      leaked.push(tf.scalar(1));
      return { loss: 1, correct: 0 };
    };
    await expect(trainArm(options({ trainer: { step } }))).rejects.toMatchObject({
      code: 'tensor-leak',
      message: expect.stringContaining('leaked 3 tensors') as string,
    });
  });
});

/** A source that counts the requested batches and images. */
function counted(images: number): {
  source: ImageSource;
  made: () => { batches: number; images: number };
} {
  const made = { batches: 0, images: 0 };
  const inner = smallImages(images, 0);
  const source: ImageSource = {
    size: images,
    async *batches(pass) {
      for await (const batch of inner.batches(pass)) {
        made.batches += 1;
        made.images += batch.labels.length;
        yield batch;
      }
    },
  };
  return { source, made: () => made };
}

it('takes ten times the steps for ten times the images, and requests no more', async () => {
  const work = async (images: number): Promise<number[]> => {
    const { source, made } = counted(images);
    let steps = 0;
    const step: Trainer['step'] = () => {
      steps += 1;
      return { loss: 1, correct: 0 };
    };
    await trainArm(options({ source, trainer: { step } }));
    return [made().images, made().batches, steps];
  };
  expect(await work(20)).toEqual([40, 10, 10]);
  expect(await work(200)).toEqual([400, 100, 100]);
});
