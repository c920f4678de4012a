import type { LabelMetrics, MultiLabelMetrics } from '../../events/events.ts';
import {
  averagePrecision,
  meanAveragePrecision,
  type MultiLabelPredictions,
  rankClasses,
} from './average-precision.ts';
import { thresholdOf } from './thresholds.ts';

interface Counts {
  /** Images that are given the class and have it; are given it; have it. */
  hits: number;
  given: number;
  present: number;
}

/**
 * Metrics of the predictions of one model on multi-label images. Precision, recall and F1 are those of
 * scikit-learn's `precision_recall_fscore_support`, with an F1 of 0 for a class that no image has or is
 * given (`zero_division=0`).
 *
 * @param thresholds of the classes in order. Default: 0.5 for all
 */
export function multiLabelMetrics(
  predictions: MultiLabelPredictions,
  thresholds?: readonly number[],
): MultiLabelMetrics {
  const { probabilities, targets, classes } = predictions;
  const counts = Array.from({ length: classes }, (): Counts => ({ hits: 0, given: 0, present: 0 }));
  for (const [i, p] of probabilities.entries()) {
    const ofClass = counts[i % classes]!;
    const isGiven = p >= thresholdOf(thresholds, i % classes);
    if (isGiven) ofClass.given += 1;
    if (targets[i] === 1) ofClass.present += 1;
    if (isGiven && targets[i] === 1) ofClass.hits += 1;
  }
  const ranked = rankClasses(predictions);
  const perClass = counts.map((each, label): LabelMetrics => {
    const { hits, given, present } = each;
    return {
      images: present,
      averagePrecision: averagePrecision(ranked[label]!) ?? null,
      f1: f1Of(each),
      precision: given === 0 ? null : hits / given,
      recall: present === 0 ? null : hits / present,
    };
  });
  const sum = (key: keyof Counts): number => counts.reduce((total, each) => total + each[key], 0);
  return {
    meanAveragePrecision: meanAveragePrecision(ranked) ?? null,
    f1: {
      micro: f1Of({ hits: sum('hits'), given: sum('given'), present: sum('present') }),
      macro: perClass.reduce((total, { f1 }) => total + f1, 0) / classes,
    },
    thresholds: counts.map((_, label) => thresholdOf(thresholds, label)),
    classes: perClass,
  };
}

function f1Of({ hits, given, present }: Counts): number {
  return given + present === 0 ? 0 : (2 * hits) / (given + present);
}
