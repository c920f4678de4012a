import type { ComparisonRecord } from '../../events/events.ts';
import { expect, it } from 'vitest';
import { countedSummary, flowersSummary } from '../../../test/report-data.ts';
import { summaryText } from './summary-text.ts';

const NOTE = 'detectable: the true difference in points';

it('summaryText shows what each comparison within the noise could have found', () => {
  const summary = flowersSummary();
  const comparisons = summary.comparisons.map((comparison, i): ComparisonRecord => ({
    ...comparison,
    smallestDetectable: 0.05 + 0.004 * i,
  }));
  const text = summaryText({ ...summary, comparisons });
  expect(text).toMatch(/^fixres - vanilla +own .* not distinguishable \(detectable: 5\.4\)$/m);
  expect(text).toMatch(/^fixres - small +own .* fixres is better than small$/m);
  expect(text).toContain(NOTE);
  expect(
    summaryText({
      ...summary,
      comparisons: comparisons.filter(({ verdict }) => verdict === 'better'),
    }),
  ).not.toContain(NOTE);
});

it('summaryText only states "within the noise" for runs that did not record it', () => {
  const text = summaryText(flowersSummary());
  expect(text).toMatch(/^fixres - vanilla +own .* not distinguishable \(within the noise\)$/m);
  expect(text).not.toContain(NOTE);
});

it('summaryText shows training compute next to time, with that of the initial arm separately, and explains it', () => {
  const text = summaryText(countedSummary());
  const row = (arm: string): string => text.split('\n').find((line) => line.startsWith(`${arm} `))!;
  expect(text).toMatch(/^arm .* compute +time +peak memory$/m);
  expect(row('small')).toMatch(/ 3\.30 TMAC +32:04 /);
  expect(row('fixres')).toMatch(/ 3\.30 \+ 1\.02 TMAC +32:04 \+ 12:51 /);
  expect(row('vanilla')).toMatch(/ 11\.4 TMAC +2:15:24 /);
  expect(text).toContain(
    'Compute and time are for training only: the arm it is initialised from + its own part.\nMAC: multiply-adds, forward and backward,',
  );
  expect(text).toContain(
    'equal-cost was given 1,213 steps, the most with no more compute than fixres in total.',
  );
});

it('summaryText adds up the compute of all initial arms', () => {
  const summary = countedSummary();
  const arms = [
    ...summary.arms,
    {
      ...summary.arms[2]!,
      name: 'third',
      initFrom: 'fixres',
      trainSeconds: 60,
      trainMultiplyAdds: 1e11,
    },
  ];
  expect(summaryText({ ...summary, arms })).toMatch(
    /^third .* 4\.32 \+ 0\.10 TMAC +44:55 \+ 1:00 /m,
  );
});

it('summaryText shows no compute for runs that did not record it, or for an arm whose initial arm lacks it', () => {
  expect(summaryText(flowersSummary())).not.toMatch(/compute|MAC/);
  const summary = countedSummary();
  const arms = summary.arms.map(({ trainMultiplyAdds, ...arm }) =>
    arm.name === 'small' ? arm : { ...arm, trainMultiplyAdds: trainMultiplyAdds! },
  );
  const text = summaryText({ ...summary, arms });
  expect(text).toMatch(/^small .* - +32:04 /m);
  expect(text).toMatch(/^fixres .* - +32:04 \+ 12:51 /m);
  expect(text).toMatch(/^vanilla .* 11\.4 TMAC +2:15:24 /m);
});

it('summaryText omits differences if there are none', () => {
  const text = summaryText({ ...flowersSummary(), comparisons: [] });
  expect(text).not.toContain('Differences under');
  expect(text.endsWith(' + its own part.')).toBe(true);
});

it('summaryText shows accuracies under the policies that an arm was evaluated under', () => {
  const [header, , small, , , vanilla] = summaryText(flowersSummary()).split('\n');
  expect(header).toMatch(/ resize@128 +fixresTest@128 +fixresTest@224 +resize@224 +time /);
  expect(small).toMatch(/ 66\.8 % \* +69\.2 % +60\.2 % +- +32:04 /);
  expect(vanilla).toMatch(/ - +- +70\.3 % +71\.4 % \* +2:15:24 /);
});

it('summaryText fits 120 and 80 characters with all numbers', () => {
  const { comparisons, ...summary } = countedSummary();
  const detectable = comparisons.map((comparison): ComparisonRecord => ({
    ...comparison,
    smallestDetectable: 0.057,
  }));
  const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
  const shown = (width = Infinity): string =>
    summaryText({ ...summary, comparisons: detectable }, { width });
  const numbers = (text: string): string[] => [...new Set(text.match(/[+-]?\d[\d.,:]*/g))].sort();
  expect(widest(shown())).toBeGreaterThan(120);
  expect(widest(shown(120))).toBeLessThanOrEqual(120);
  expect(widest(shown(80))).toBeLessThanOrEqual(80);
  // The differences under each policy are in its own table.
  expect(shown(80)).toMatch(/^Own test policies:\ncomparison +points .* verdict/m);
  expect(shown(80)).toMatch(/^fixresTest@224 for both:$/m);
  expect(shown(80)).toMatch(/^fixres - vanilla +\S+ .* not distinguishable/m);
  for (const width of [120, 80]) expect(numbers(shown(width))).toEqual(numbers(shown()));
  // Of the columns that are left out, no explanation stays.
  expect(shown(80)).toContain(NOTE.replace(' in points', ''));
  expect(shown(70)).not.toContain('detectable');
});

it('summaryText leaves out columns of comparisons that do not fit: last of all the interval', () => {
  const text = summaryText(flowersSummary(3), { width: 60 });
  expect(text).toMatch(/^comparison +points +95 % interval +verdict$/m);
  expect(summaryText(flowersSummary(3), { width: 30 })).toMatch(/^comparison +points +verdict$/m);
});
