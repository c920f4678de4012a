import { type ImageSize, meanSide, type Policy, resize } from '@fixres/data';
import type {
  ArmRecord,
  ComparisonRecord,
  EvaluationRecord,
  Summary,
  Verdict,
} from '../src/events/events.ts';
import type { ApparentSize, ReportInput, ReportRun } from '../src/report/page/report-input.ts';
import { policyAt } from '../src/report/page/run-facts.ts';
import { armMetrics, type ArmMetrics } from '../src/results/arm-metrics.ts';
import type { RunConfig } from '../src/experiment/run-config.ts';

const HELD_OUT = 367;

/** A one-pixel PNG. */
export const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function evaluation(
  policy: string,
  size: number,
  correct: number,
  seeds: number,
): EvaluationRecord {
  const accuracy = correct / HELD_OUT;
  const half = 1.96 * Math.sqrt((accuracy * (1 - accuracy)) / HELD_OUT);
  return {
    policy,
    size,
    accuracy,
    ci95: [accuracy - half, accuracy + half],
    correct: correct * seeds,
    total: HELD_OUT * seeds,
  };
}

function curves(
  seeds: number,
  epochs: number,
  from: [accuracy: number, loss: number],
  to: [accuracy: number, loss: number],
) {
  return Array.from({ length: seeds }, (_, seed) => ({
    seed,
    epochs: Array.from({ length: epochs }, (_, epoch) => {
      const progress = epochs === 1 ? 1 : 1 - Math.exp((-3.2 * epoch) / (epochs - 1));
      const wobble = Math.sin(epoch * 2.7 + seed * 1.9) * 0.035 * (1 - 0.6 * progress);
      return {
        epoch,
        loss: from[1] + (to[1] - from[1]) * progress + wobble * 0.8,
        accuracy: from[0] + (to[0] - from[0]) * progress,
        heldOutAccuracy: from[0] + (to[0] - from[0]) * progress + wobble,
        seconds: 74,
        imagesPerSecond: 44.6,
        tensors: 812,
      };
    }),
  }));
}

function comparison(
  a: string,
  b: string,
  policy: string,
  values: number[],
  verdict: Verdict,
): ComparisonRecord {
  const [difference, lo, hi, p, pAdjusted] = values as [number, number, number, number, number];
  return { a, b, policy, difference, ci95: [lo, hi], p, pAdjusted, verdict };
}

/**
 * A run like the first measurements on the flower photos: four arms, and every policy of the fair
 * comparison.
 */
export function flowersSummary(seeds = 1): Summary {
  const small: ArmRecord = {
    name: 'small',
    description: 'From scratch at the small size.',
    trainSize: 128,
    epochs: 26,
    freeze: 'all',
    initFrom: null,
    ownEvaluation: 0,
    evaluations: [
      evaluation('resize', 128, 245, seeds),
      evaluation('fixresTest', 128, 254, seeds),
      evaluation('fixresTest', 224, 221, seeds),
    ],
    trainSeconds: 1924,
    peakRssMb: 2140,
    curves: curves(seeds, 26, [0.24, 1.61], [0.668, 0.78]),
  };
  const fixres: ArmRecord = {
    ...small,
    name: 'fixres',
    description: 'The small arm, fine-tuned at the large size with test-like crops.',
    trainSize: 224,
    epochs: 10,
    freeze: 'classifier+last-bn',
    initFrom: 'small',
    ownEvaluation: 2,
    evaluations: [
      evaluation('resize', 128, 228, seeds),
      evaluation('fixresTest', 128, 259, seeds),
      evaluation('fixresTest', 224, 272, seeds),
    ],
    trainSeconds: 771,
    peakRssMb: 1720,
    curves: curves(seeds, 10, [0.66, 0.96], [0.741, 0.772]),
  };
  const control: ArmRecord = {
    ...fixres,
    name: 'control',
    description: 'The small arm, fine-tuned at the small size with test-like crops.',
    trainSize: 128,
    ownEvaluation: 1,
    evaluations: [
      evaluation('resize', 128, 250, seeds),
      evaluation('fixresTest', 128, 265, seeds),
      evaluation('fixresTest', 224, 240, seeds),
    ],
    trainSeconds: 262,
    peakRssMb: 1290,
    curves: curves(seeds, 10, [0.69, 0.88], [0.722, 0.74]),
  };
  const vanilla: ArmRecord = {
    ...small,
    name: 'vanilla',
    description: 'From scratch at the large size.',
    trainSize: 224,
    epochs: 30,
    ownEvaluation: 0,
    evaluations: [evaluation('resize', 224, 262, seeds), evaluation('fixresTest', 224, 258, seeds)],
    trainSeconds: 8124,
    peakRssMb: 3720,
    curves: curves(seeds, 30, [0.21, 1.66], [0.714, 0.62]),
  };
  return {
    format: 1,
    engine: {
      name: 'tensorflow',
      device: 'cpu',
      reason: 'Native engine; no GPU was found.',
      versions: { tfjs: '4.22.0', tensorflow: '2.21.0' },
    },
    dataset: {
      name: 'tf_flowers',
      classes: ['dandelion', 'daisy', 'tulips', 'sunflowers', 'roses'],
      train: 3303,
      heldOut: HELD_OUT,
      skipped: 0,
    },
    arms: [small, fixres, control, vanilla],
    comparisons: [
      comparison('fixres', 'small', 'own', [27 / 367, 0.0354, 0.1117, 0.00021, 0.00126], 'better'),
      comparison(
        'fixres',
        'vanilla',
        'own',
        [10 / 367, -0.0191, 0.0736, 0.284, 0.852],
        'not distinguishable',
      ),
      comparison(
        'fixres',
        'control',
        'own',
        [7 / 367, -0.0163, 0.0545, 0.332, 0.852],
        'not distinguishable',
      ),
      comparison('control', 'small', 'own', [20 / 367, 0.0218, 0.0872, 0.0018, 0.009], 'better'),
      comparison(
        'fixres',
        'vanilla',
        'fixresTest@224',
        [14 / 367, -0.0082, 0.0845, 0.118, 0.472],
        'not distinguishable',
      ),
      comparison(
        'small',
        'control',
        'fixresTest@224',
        [-19 / 367, -0.0845, -0.0191, 0.0026, 0.0104],
        'worse',
      ),
    ],
    smallestDetectable: 0.0654,
    seconds: 11_240,
  };
}

/**
 * The flowers in a version that counts training compute, with an arm that has the compute of
 * fixres.
 */
export function countedSummary(): Summary {
  const summary = flowersSummary();
  const [small, fixres, control, vanilla] = summary.arms as [
    ArmRecord,
    ArmRecord,
    ArmRecord,
    ArmRecord,
  ];
  const equal: ArmRecord = {
    ...vanilla,
    name: 'equal-cost',
    description: 'From scratch at the large size, for the training compute of fixres.',
    epochs: 12,
    steps: 1213,
    equalCost: 'fixres',
    trainSeconds: 2971,
  };
  const counts = [3.3e12, 1.02e12, 3.3e11, 4.319e12, 1.14e13];
  return {
    ...summary,
    arms: [small, fixres, control, equal, vanilla].map((arm, i) => ({
      ...arm,
      trainMultiplyAdds: counts[i]!,
    })),
  };
}

/**
 * A grid of arms: every fourth starts from scratch, the others are initialised from the previous
 * one; each is compared with the first.
 */
export function manyArms(count: number): Summary {
  const summary = flowersSummary();
  const arms = Array.from({ length: count }, (_, i) => ({
    ...summary.arms[i % 4]!,
    name: `arm-${i}`,
    initFrom: i % 4 === 0 ? null : `arm-${i - (i % 4)}`,
  }));
  const comparisons = arms
    .slice(1)
    .map(({ name }, i) => ({ ...summary.comparisons[i % 6]!, a: name, b: 'arm-0', policy: 'own' }));
  return { ...summary, arms, comparisons };
}

/** A policy that squashes the image, with the fields that reports use. */
function resizeTo(name: string, size: ImageSize): Policy {
  return { ...resize(size), name };
}

function configOf({ arms, comparisons }: Summary, seeds: number): RunConfig {
  return {
    dataset: { source: 'tf_flowers' },
    engine: 'tensorflow',
    device: 'auto',
    deterministic: false,
    logs: [],
    command:
      'fixres reproduce tf_flowers --small 128 --large 224 --epochs 26 --finetune-epochs 10 --seeds 1',
    threads: 2,
    images: { train: '', heldOut: '' },
    experiment: {
      model: { name: 'resnet14v2', width: 16 },
      arms: arms.map(
        ({
          name,
          description,
          trainSize,
          epochs,
          freeze,
          initFrom,
          evaluations,
          ownEvaluation,
        }) => {
          const { policy, size } = evaluations[ownEvaluation]!;
          return {
            name,
            description,
            initFrom,
            trainPolicy: resizeTo('sampledBoundingBoxCrop', trainSize),
            testPolicy: resizeTo(policy, size),
            epochs,
            schedule: { type: 'constant', rate: 1e-3 },
            freeze: freeze as 'all',
          };
        },
      ),
      evaluations: [
        resizeTo('resize', 128),
        resizeTo('fixresTest', 128),
        resizeTo('fixresTest', 224),
      ],
      comparisons: comparisons.map(({ a, b, policy }) => ({ a, b, policy })),
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
      batchSize: 32,
    },
  };
}

const knownMetrics = new Map<number, Omit<ArmMetrics, 'arm'>>();

/**
 * Of predictions of a classifier that is correct on three of four images of each class, and never
 * certain: the same for every arm, so they are computed once for each number of classes.
 */
function metricsOf(arm: string, classes: number): ArmMetrics {
  const known = knownMetrics.get(classes);
  if (known) return { ...structuredClone(known), arm };
  const images = 24;
  const predictions = Array.from({ length: classes * images }, (_, i) => {
    const label = i % classes;
    const predicted = i % 4 === 3 ? (label + 1) % classes : label;
    const confidence = 0.4 + 0.5 * ((i % 7) / 6);
    const row = Array.from({ length: classes }, (_, each) =>
      each === predicted ? confidence : (1 - confidence) / (classes - 1),
    );
    return { label, predicted, row };
  });
  const metrics = armMetrics(arm, [
    {
      files: predictions.map((_, i) => `${i}.jpg`),
      probabilities: Float32Array.from(predictions.flatMap(({ row }) => row)),
      classes,
      labels: Int32Array.from(predictions, ({ label }) => label),
      correct: Uint8Array.from(predictions, ({ label, predicted }) =>
        label === predicted ? 1 : 0,
      ),
      damaged: 0,
    },
  ]);
  knownMetrics.set(classes, metrics);
  return structuredClone(metrics);
}

/** Ratios spread evenly in logarithm around a mean. */
function ratiosAround(mean: number): Pick<ApparentSize, 'mean' | 'percentiles'> {
  return { mean, percentiles: Array.from({ length: 101 }, (_, i) => mean * 2 ** ((i - 50) / 50)) };
}

/** Everything in the report of a finished run; `summary` replaces the flowers. */
export function reportRun(summary: Summary = flowersSummary()): ReportRun {
  const { classes, heldOut } = summary.dataset;
  const pictures = classes.map((label) => ({ label, dataUri: PIXEL }));
  const seeds = Math.max(1, Math.round(summary.arms[0]!.evaluations[0]!.total / heldOut));
  const { arms } = summary;
  return {
    folder: 'runs/flowers',
    resumeCommand: 'fixres resume runs/flowers',
    name: 'flowers',
    state: 'finished',
    problem: null,
    batch: [],
    standing: null,
    began: '2026-11-20T08:00:00.000Z',
    latest: '2026-11-20T11:07:20.000Z',
    seconds: summary.seconds,
    config: configOf(summary, seeds),
    environment: { node: '20.20.2', platform: 'linux x64', cpu: '2 x Xeon', memory: '16 GB' },
    engine: summary.engine,
    dataset: summary.dataset,
    summary,
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    pending: [],
    warnings: [],
    events: [],
    metrics: classes.length > 1 ? arms.map(({ name }) => metricsOf(name, classes.length)) : [],
    mistakes: arms.map(({ name }) => ({
      arm: name,
      seeds,
      wrong: 92,
      mistakes: [
        {
          file: 'daisy/1.jpg',
          label: 'daisy',
          predicted: 'roses',
          confidence: 0.98,
          dataUri: PIXEL,
        },
      ],
    })),
    costs: {
      model: 'resnet14v2, 16 channels in its stem',
      parameters: 512_000,
      arms: arms.map(({ name, trainSize, evaluations, ownEvaluation }) => {
        const { policy, size } = evaluations[ownEvaluation]!;
        return {
          arm: name,
          training: meanSide(trainSize) ** 2 * 3e8,
          image: meanSide(size) ** 2 * 1400,
          testPolicy: policyAt({ policy, size }),
        };
      }),
    },
    apparentSizes: arms.map(({ name }, i) => ({
      arm: name,
      trained: name,
      trainPolicy: 'sampledBoundingBoxCrop@128',
      testPolicy: 'resize@128',
      ...ratiosAround(0.6 + 0.2 * i),
    })),
    samples: [
      { title: 'Training at 128', policy: 'sampledBoundingBoxCrop@128', pictures },
      { title: 'Testing at 224', policy: 'fixresTest@224', pictures },
    ],
    leaks: null,
  };
}

/** A run that failed in its second arm, with the first one's result. */
export function failedRun(): ReportRun {
  const whole = flowersSummary();
  const [small, ...others] = whole.arms;
  const run = reportRun({ ...whole, arms: [small!], comparisons: [] });
  return {
    ...run,
    config: configOf(whole, 1),
    state: 'failed',
    problem: 'The loss is NaN in epoch 3, step 17, of arm fixres.',
    batch: ['daisy/1.jpg', 'roses/2.jpg'],
    standing: { arm: 'fixres', seed: 0, epoch: 2, epochs: 10 },
    pending: others.map(
      ({ name, description, trainSize, epochs, freeze, initFrom, curves }, i) => ({
        name,
        description,
        trainSize,
        testPolicy: 'fixresTest@224',
        epochs,
        freeze,
        initFrom,
        state: i === 0 ? 'failed' : 'waiting',
        curves: i === 0 ? [{ seed: 0, epochs: curves[0]!.epochs.slice(0, 2) }] : [],
      }),
    ),
  };
}

/** A run that crashed before its first event, with nothing that can be opened. */
export function emptyRun(): ReportRun {
  const run = failedRun();
  const missing = { missing: 'The data set "flowers" of the run is not on this machine.' };
  return {
    ...run,
    name: 'killed',
    state: 'crashed',
    problem: null,
    batch: [],
    standing: null,
    began: null,
    latest: null,
    seconds: 0,
    engine: null,
    dataset: null,
    summary: null,
    seeds: [],
    pending: flowersSummary().arms.map((arm) => ({
      ...arm,
      testPolicy: 'resize@128',
      state: 'waiting',
      curves: [],
    })),
    metrics: [],
    mistakes: [],
    costs: missing,
    apparentSizes: missing,
    samples: missing,
    leaks: null,
  };
}

/** A whole report input of one run; `summary` replaces the flowers. */
export function reportInput(summary?: Summary): ReportInput {
  return { runs: [reportRun(summary)] };
}
