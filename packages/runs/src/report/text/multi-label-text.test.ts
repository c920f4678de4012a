import { expect, it } from 'vitest';
import { flowersSummary } from '../../../test/report-data.ts';
import type { LabelMetrics, PrecisionComparison, Summary } from '../../events/events.ts';
import { spreadOverSeeds } from '../../statistics/over-seeds.ts';
import { summaryText } from './summary-text.ts';

/** The flowers as if each photo could show several; no held-out one shows the last. */
function severalFlowers(): Summary {
  const summary = flowersSummary();
  const classes = summary.dataset.classes.map((_, label): LabelMetrics => {
    const isSeen = label + 1 < summary.dataset.classes.length;
    return {
      images: isSeen ? 70 : 0,
      averagePrecision: isSeen ? 0.8 : null,
      f1: 0.5,
      precision: 0.5,
      recall: isSeen ? 0.5 : null,
    };
  });
  const multiLabel = {
    meanAveragePrecision: { ...spreadOverSeeds([0.8125]), ci95: [0.75, 0.875] as [number, number] },
    f1: { micro: spreadOverSeeds([0.625]), macro: spreadOverSeeds([0.5]) },
    classes,
  };
  const precision: PrecisionComparison = {
    difference: 0.0375,
    ci95: [0.0125, 0.0625],
    p: 0.001,
    pAdjusted: 0.002,
    verdict: 'better',
  };
  return {
    ...summary,
    arms: summary.arms.map((arm) => ({
      ...arm,
      evaluations: arm.evaluations.map((evaluation) => ({ ...evaluation, multiLabel })),
    })),
    comparisons: summary.comparisons.map((each, i) =>
      i === 0 ? { ...each, meanAveragePrecision: precision } : each,
    ),
  };
}

it('summaryText shows mean average precision, what accuracy means, and classes without images', () => {
  const summary = severalFlowers();
  const text = summaryText(summary);
  expect(text).toMatch(/^arm +test policy +mAP +95 % interval +micro F1 +macro F1$/m);
  expect(text).toMatch(/^small .* 81\.3 % +75\.0 % to 87\.5 % +62\.5 % +50\.0 %$/m);
  expect(text.replaceAll('\n', ' ')).toContain(
    'An image is classified correctly if exactly its classes reach their thresholds',
  );
  const { classes } = summary.dataset;
  expect(text.replaceAll('\n', ' ')).toContain(
    `mAP is the mean over ${classes.length - 1} of ${classes.length} classes: class ${classes.at(-1)!} has no held-out images.`,
  );
  const { a, b } = summary.comparisons[0]!;
  expect(text).toMatch(
    new RegExp(`^${a} - ${b} .* \\+3\\.8 +\\+1\\.3 to \\+6\\.3 .* better$`, 'm'),
  );
  expect(summaryText(flowersSummary())).not.toContain('mAP');
});
