import type { LabelMetrics, MultiLabelMetrics, PooledMultiLabel } from '../../events/events.ts';
import { spreadOverSeeds } from '../../statistics/over-seeds.ts';

/**
 * Metrics of the models of several seeds on the same images.
 *
 * @param seeds at least one, each on the same images
 * @param ci95 of the mean average precision
 */
export function poolMultiLabel(
  seeds: readonly MultiLabelMetrics[],
  ci95: [number, number],
): PooledMultiLabel {
  const means = seeds.flatMap((each) => each.meanAveragePrecision ?? []);
  return {
    meanAveragePrecision:
      means.length === seeds.length ? { ...spreadOverSeeds(means), ci95 } : null,
    f1: {
      micro: spreadOverSeeds(seeds.map(({ f1 }) => f1.micro)),
      macro: spreadOverSeeds(seeds.map(({ f1 }) => f1.macro)),
    },
    classes: seeds[0]!.classes.map((_, label) =>
      pooledClass(seeds.map(({ classes }) => classes[label]!)),
    ),
  };
}

function pooledClass(seeds: readonly LabelMetrics[]): LabelMetrics {
  const mean = (valueOf: (each: LabelMetrics) => number | null): number | null => {
    const values = seeds.flatMap((each) => valueOf(each) ?? []);
    return values.length === 0
      ? null
      : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    images: seeds[0]!.images,
    averagePrecision: mean((each) => each.averagePrecision),
    f1: mean((each) => each.f1)!,
    precision: mean((each) => each.precision),
    recall: mean((each) => each.recall),
  };
}
