import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averagePrecision, meanAveragePrecision, rankClasses } from './average-precision.ts';
import type { MultiLabelPredictions } from './average-precision.ts';
import { bootstrapPrecision, comparePrecisions, precisionInterval } from './bootstrap-precision.ts';
import { multiLabelMetrics } from './multi-label-metrics.ts';
import { exactMatches, tuneThresholds } from './thresholds.ts';

interface AtThresholds {
  thresholds: number[];
  precision: (number | null)[];
  recall: (number | null)[];
  f1: number[];
  micro: number;
  macro: number;
  subsetAccuracy: number;
}

/** The output of `scripts/make-multi-label-fixtures.py`. */
interface Fixture {
  cases: {
    scores: number[][];
    targets: number[][];
    averagePrecision: (number | null)[];
    meanAveragePrecision: number;
    at: AtThresholds[];
    highestF1: (number | null)[];
    counts: number[];
    resampled: number;
  }[];
  bootstrap: {
    targets: number[][];
    a: number[][];
    b: number[][];
    intervalA: [number, number];
    intervalDifference: [number, number];
  };
}

const { cases, bootstrap } = JSON.parse(
  readFileSync(new URL('../fixtures/multi-label.json', import.meta.url), 'utf8'),
) as Fixture;

function predictionsOf(scores: number[][], targets: number[][]): MultiLabelPredictions {
  return {
    probabilities: Float32Array.from(scores.flat()),
    targets: Uint8Array.from(targets.flat()),
    classes: targets[0]!.length,
  };
}

const close = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 9));

describe.each(cases.map((each) => [each.targets[0]!.length, each] as const))(
  'with %d classes',
  (_, peer) => {
    const predictions = predictionsOf(peer.scores, peer.targets);

    it('average precision equals that of scikit-learn, also with equal scores and without a class', () => {
      const { classes, meanAveragePrecision: mean } = multiLabelMetrics(predictions);
      expect(classes.map((each) => each.averagePrecision)).toEqual(
        peer.averagePrecision.map(close),
      );
      expect(mean).toBeCloseTo(peer.meanAveragePrecision, 9);
    });

    it('average precision of images that count several times or never equals that with weights', () => {
      const value = meanAveragePrecision(rankClasses(predictions), peer.counts);
      expect(value).toBeCloseTo(peer.resampled, 9);
    });

    it('F1, precision, recall and subset accuracy equal those of scikit-learn', () => {
      for (const at of peer.at) {
        const { classes, f1, thresholds } = multiLabelMetrics(predictions, at.thresholds);
        expect(thresholds).toEqual(at.thresholds);
        expect(classes.map((each) => each.precision)).toEqual(at.precision.map(close));
        expect(classes.map((each) => each.recall)).toEqual(at.recall.map(close));
        expect(classes.map((each) => each.f1)).toEqual(at.f1.map(close));
        expect(f1).toEqual({ micro: close(at.micro), macro: close(at.macro) });
        const exact = exactMatches(predictions, at.thresholds);
        expect(exact.reduce((sum, one) => sum + one, 0) / exact.length).toBeCloseTo(
          at.subsetAccuracy,
          9,
        );
      }
      expect(multiLabelMetrics(predictions).thresholds).toEqual(peer.at[0]!.thresholds);
    });

    it('tuned thresholds have the highest F1 of the curve of scikit-learn', () => {
      const thresholds = tuneThresholds(predictions);
      const { classes } = multiLabelMetrics(predictions, thresholds);
      for (const [label, highest] of peer.highestF1.entries())
        if (highest === null) expect(thresholds[label]).toBe(0.5);
        else expect(classes[label]!.f1).toBeCloseTo(highest, 9);
    });
  },
);

describe('averagePrecision', () => {
  it('is 1 exactly if all images of the class come first, and does not depend on the scale', () => {
    const image = fc.record({ score: fc.integer({ min: 1, max: 9 }), has: fc.boolean() });
    fc.assert(
      fc.property(fc.array(image, { minLength: 1, maxLength: 12 }), (images) => {
        const of = (scores: number[]): number | undefined =>
          averagePrecision(
            rankClasses(
              predictionsOf(
                scores.map((score) => [score]),
                images.map(({ has }) => [Number(has)]),
              ),
            )[0]!,
          );
        const value = of(images.map(({ score }) => score / 10));
        const [yes, no] = [true, false].map((wanted) =>
          images.flatMap(({ score, has }) => (has === wanted ? [score] : [])),
        ) as [number[], number[]];
        if (yes.length === 0) expect(value).toBeUndefined();
        else expect(value === 1).toBe(Math.min(...yes) > Math.max(0, ...no));
        expect(of(images.map(({ score }) => score ** 2 / 128))).toBe(value);
      }),
    );
  });
});

describe('bootstrapPrecision', () => {
  const [a, b] = [bootstrap.a, bootstrap.b].map((scores) =>
    predictionsOf(scores, bootstrap.targets),
  ) as [MultiLabelPredictions, MultiLabelPredictions];

  it('has the intervals of scipy, of a model and of a paired difference', () => {
    const [ofA, ofB] = bootstrapPrecision([[a], [b]]);
    for (const [own, peer] of [
      [precisionInterval(ofA!), bootstrap.intervalA],
      [comparePrecisions([[ofA!, ofB!]])[0]!.ci95, bootstrap.intervalDifference],
    ] as const)
      own.forEach((end, i) => expect(Math.abs(end - peer[i]!)).toBeLessThan(0.01));
  });

  it('finds no difference between the same models, and one in both directions between others', () => {
    const models = bootstrapPrecision(
      [
        [a, b],
        [a, b],
        [b, b],
      ],
      { resamples: 400 },
    );
    const [one, same, worse] = models as [(typeof models)[0] & object, ...typeof models];
    const compared = comparePrecisions([
      [one, same!],
      [one, worse!],
      [worse!, one],
    ]);
    expect(compared[0]).toMatchObject({
      difference: 0,
      ci95: [0, 0],
      p: 1,
      verdict: 'not distinguishable',
    });
    expect(compared[1]!.difference).toBeGreaterThan(0);
    expect(compared[2]!.difference).toBe(-compared[1]!.difference);
    expect(compared[2]!.p).toBe(compared[1]!.p);
    expect(compared[1]!.pAdjusted).toBeGreaterThanOrEqual(compared[1]!.p);
  });

  it('is undefined for images without any class', () => {
    const none = { ...a, targets: new Uint8Array(a.targets.length) };
    expect(bootstrapPrecision([[none]], { resamples: 10 })).toEqual([undefined]);
    expect(multiLabelMetrics(none)).toMatchObject({ meanAveragePrecision: null, f1: { micro: 0 } });
  });
});
