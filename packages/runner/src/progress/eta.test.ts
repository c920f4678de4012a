import {
  fixresFinetune,
  fixresTest,
  meanSide,
  type Policy,
  resize,
  sampledBoundingBoxCrop,
} from '@fixres/data';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  armWork,
  expectedNorms,
  type FeaturesToCompute,
  type WorkItem,
  type WorkKind,
} from './arm-work.ts';
import { Eta } from './eta.ts';
import type { ArmSpec, Experiment } from '@fixres/runs';

const images = { train: 100, heldOut: 20 };
const [trainPolicy, testPolicy] = [
  fixresFinetune({ trainSize: 32, size: 64 }),
  fixresTest({ trainSize: 32, size: 64 }),
];

function arm(name: string, overrides: Partial<ArmSpec> = {}): ArmSpec {
  const base: ArmSpec = {
    name,
    description: '',
    initFrom: null,
    trainPolicy: sampledBoundingBoxCrop(32),
    testPolicy: resize(32),
    epochs: 4,
    schedule: { type: 'constant', rate: 1 },
    freeze: 'all',
  };
  return { ...base, ...overrides };
}

const small = arm('small');
const tuned = arm('tuned', {
  initFrom: 'small',
  trainPolicy,
  testPolicy,
  freeze: 'classifier+last-bn',
});
const again = { ...tuned, name: 'again', freeze: 'classifier+last-bn-stats' as const };

function experimentOf(arms: ArmSpec[], seeds = [0]): Experiment {
  const evaluations: Policy[] = [resize(32), testPolicy];
  return {
    model: { name: 'resnet14v2', width: 4 },
    arms,
    evaluations,
    comparisons: [],
    seeds,
    batchSize: 10,
    activations: { images: 10 },
  };
}

/**
 * Milliseconds that a machine takes for an image of 32 pixels; it takes four times as long for one
 * of 64.
 */
const fast: Record<WorkKind, number> = {
  train: 9,
  finetune: 4,
  features: 2,
  head: 0.1,
  statistics: 3,
  heldBack: 4,
  corrupted: 1,
  evaluate: 2.5,
  activations: 5,
};

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function work(eta: Eta, item: WorkItem): void {
  vi.advanceTimersByTime(fast[item.kind] * item.images * (meanSide(item.size) / 32) ** 2);
  eta.add(item);
}

/** Simulates the work of a run, and collects the estimated time left after each epoch. */
function conduct(
  eta: Eta,
  experiment: Experiment,
  spec: ArmSpec,
  { isFirstSeed = true, features }: { isFirstSeed?: boolean; features?: FeaturesToCompute } = {},
): [now: number, left: number][] {
  const estimates: [number, number][] = [];
  eta.strike(spec, isFirstSeed);
  eta.expect(
    armWork({
      spec,
      experiment,
      images,
      norms: expectedNorms(spec, experiment, images.train),
      features,
      isFirstSeed,
    }),
  );
  const [trainSide, testSide] = [spec.trainPolicy.output.width, spec.testPolicy.output.width];
  for (let epoch = 0; epoch < spec.epochs; epoch++) {
    // Of two views, each image shows one; half of those not seen yet show a new one.
    if (features) {
      work(eta, {
        kind: 'features',
        images: features.train * images.train * 2 ** -epoch,
        size: trainSide,
      });
      work(eta, { kind: 'head', images: images.train, size: trainSide });
      if (epoch === 0)
        work(eta, { kind: 'features', images: features.heldOut! * images.heldOut, size: testSide });
      work(eta, { kind: 'head', images: images.heldOut, size: testSide });
    } else {
      work(eta, { kind: 'train', images: images.train, size: trainSide });
      work(eta, { kind: 'evaluate', images: images.heldOut, size: testSide });
    }
    estimates.push([performance.now() / 1000, eta.seconds()]);
  }
  if (isFirstSeed)
    for (const { output } of experiment.evaluations)
      work(eta, { kind: 'activations', images: 10, size: output.width });
  for (const policy of experiment.evaluations) {
    const isKept = features !== undefined && policy === spec.testPolicy;
    work(eta, {
      kind: isKept ? 'head' : 'evaluate',
      images: images.heldOut,
      size: policy.output.width,
    });
  }
  return estimates;
}

describe('Eta', () => {
  it('has no estimate before any work is done', () => {
    expect(new Eta(experimentOf([small]), images).seconds()).toBe(0);
  });

  it('is exact once every kind of work has occurred, also while features are computed for fewer views each epoch', () => {
    const experiment = experimentOf([small, tuned, again]);
    const eta = new Eta(experiment, images);
    conduct(eta, experiment, small);
    const estimates = [
      ...conduct(eta, experiment, tuned, { features: { train: 1, heldOut: 1 } }),
      ...conduct(eta, experiment, again, { features: { train: 0, heldOut: 0 } }),
    ];
    const end = performance.now() / 1000;
    for (const [now, left] of estimates) expect(now + left).toBeCloseTo(end, 6);
    expect(eta.seconds()).toBeCloseTo(0, 6);
  });

  it('counts the work of other seeds, but not that of an earlier process', () => {
    const experiment = experimentOf([small, tuned], [0, 1]);
    const eta = new Eta(experiment, images);
    // Found finished.
    eta.strike(small, true);
    conduct(eta, experiment, tuned, { features: { train: 1, heldOut: 1 } });
    const estimates = conduct(eta, experiment, small, { isFirstSeed: false });
    conduct(eta, experiment, tuned, { isFirstSeed: false, features: { train: 1, heldOut: 1 } });
    const end = performance.now() / 1000;
    for (const [now, left] of estimates) expect(now + left).toBeCloseTo(end, 6);
  });

  it('assumes that unknown kinds of work are as fast as the rest', () => {
    const experiment = experimentOf([
      small,
      { ...small, name: 'large', trainPolicy: sampledBoundingBoxCrop(64), testPolicy },
    ]);
    const eta = new Eta(experiment, images);
    eta.strike(small, true);
    eta.expect([{ kind: 'train', images: 100, size: 32 }]);
    work(eta, { kind: 'train', images: 100, size: 32 });
    // Training counts three passes per image.
    const pass = fast.train / 3 / 1000;
    const passes = 4 * (100 * 4 * 3 + 20 * 4) + (20 + 20 * 4) + (10 + 10 * 4);
    expect(eta.seconds()).toBeCloseTo(passes * pass, 6);
  });
});
