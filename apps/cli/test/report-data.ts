import type { ArmRecord, ComparisonRecord, EvaluationRecord, Summary, Verdict } from '@fixres/runner/events';
import type { ReportInput } from '../src/report/report-input.ts';

const HELD_OUT = 367;

/** A one-pixel PNG. */
export const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function evaluation(policy: string, size: number, correct: number, seeds: number): EvaluationRecord {
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

function curves(seeds: number, epochs: number, from: [accuracy: number, loss: number], to: [accuracy: number, loss: number]) {
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

function comparison(a: string, b: string, policy: string, values: number[], verdict: Verdict): ComparisonRecord {
  const [difference, lo, hi, p, pAdjusted] = values as [number, number, number, number, number];
  return { a, b, policy, difference, ci95: [lo, hi], p, pAdjusted, verdict };
}

/** A run like the first measurements on the flower photos: four arms, every policy that makes the comparison fair. */
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
      comparison('fixres', 'vanilla', 'own', [10 / 367, -0.0191, 0.0736, 0.284, 0.852], 'not distinguishable'),
      comparison('fixres', 'control', 'own', [7 / 367, -0.0163, 0.0545, 0.332, 0.852], 'not distinguishable'),
      comparison('control', 'small', 'own', [20 / 367, 0.0218, 0.0872, 0.0018, 0.009], 'better'),
      comparison('fixres', 'vanilla', 'fixresTest@224', [14 / 367, -0.0082, 0.0845, 0.118, 0.472], 'not distinguishable'),
      comparison('small', 'control', 'fixresTest@224', [-19 / 367, -0.0845, -0.0191, 0.0026, 0.0104], 'worse'),
    ],
    smallestDetectable: 0.0654,
    seconds: 11_240,
  };
}

/** A whole report input; `summary` replaces the flowers. */
export function reportInput(summary: Summary = flowersSummary()): ReportInput {
  const pictures = summary.dataset.classes.map((label) => ({ label, dataUri: PIXEL }));
  return {
    title: 'FixRes on tf_flowers, 128 to 224',
    summary,
    samples: [
      { title: 'Training at 128', policy: 'sampledBoundingBoxCrop@128', pictures },
      { title: 'Testing at 224', policy: 'fixresTest@224', pictures },
    ],
    config: { dataset: 'tf_flowers', small: 128, large: 224, epochs: 26, finetuneEpochs: 10, seeds: 1, batch: 32 },
    environment: { node: '20.20.2', platform: 'linux x64', cpu: '2 x Xeon', memory: '16 GB' },
    command: 'fixres reproduce tf_flowers --small 128 --large 224 --epochs 26 --finetune-epochs 10 --seeds 1',
  };
}
