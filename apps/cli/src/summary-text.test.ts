import type { ComparisonRecord } from '@fixres/runner/events';
import { expect, it } from 'vitest';
import { flowersSummary } from '../test/report-data.ts';
import { summaryText } from './summary-text.ts';

const NOTE = 'detectable: the true difference in points';

it('tells of each comparison inside the noise what it could have found', () => {
  const summary = flowersSummary();
  const comparisons = summary.comparisons.map((comparison, i): ComparisonRecord => ({ ...comparison, smallestDetectable: 0.05 + 0.004 * i }));
  const text = summaryText({ ...summary, comparisons });
  expect(text).toMatch(/^fixres - vanilla +own .* not distinguishable \(detectable: 5\.4\)$/m);
  expect(text).toMatch(/^fixres - small +own .* fixres is better than small$/m);
  expect(text).toContain(NOTE);
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
  expect(summaryText({ ...summary, comparisons: comparisons.filter(({ verdict }) => verdict === 'better') })).not.toContain(NOTE);
});

it('says of runs that do not know it that they are inside the noise', () => {
  const text = summaryText(flowersSummary());
  expect(text).toMatch(/^fixres - vanilla +own .* not distinguishable \(inside the noise\)$/m);
  expect(text).not.toContain(NOTE);
});

it('says nothing of differences where there are none', () => {
  const text = summaryText({ ...flowersSummary(), comparisons: [] });
  expect(text).not.toContain('Differences under');
  expect(text.endsWith('"+" its own part.')).toBe(true);
});
