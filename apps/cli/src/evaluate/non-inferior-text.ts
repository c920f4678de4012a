import type { NonInferiorChoice, NonInferiorityTest } from '@fixres/runner';
import { count, points, textTable } from '@fixres/runs/report';

/** The cheapest size that is not worse than the best, as text. */
export function nonInferiorText({ margin, tests, leftOut, chosen }: NonInferiorChoice): string {
  const least = `${Number((margin * 100).toFixed(2))} points`;
  const table = textTable(
    ['tested', 'FLOPs', 'against', 'difference', 'at least', 'not worse'],
    tests.map(({ key, flops, against, difference, lowerBound, isShown }) => [
      `${key}${key === chosen ? ' *' : ''}`,
      `${flops.toFixed(2)}x`,
      against,
      points(difference),
      points(lowerBound),
      isShown ? 'yes' : 'not shown',
    ]),
    [1, 3, 4],
  );
  return [
    table,
    '',
    chosen === null
      ? `No size is shown to be at most ${least} below the best.`
      : `* The cheapest size that is at most ${least} below every other, with 95 % confidence: ${chosen}.`,
    ...neededText(tests),
    ...(leftOut.length > 0
      ? [`Not tested, because worse by more where sizes were chosen: ${leftOut.join(', ')}.`]
      : []),
    'Each size is compared with all others on the confirming half, in points (the table shows the lowest bound), from the most accurate to the cheapest until one is not shown. All statements together are wrong with at most 5 % probability.',
  ].join('\n');
}

/** What the last test lacked, if it failed. */
function neededText(tests: readonly NonInferiorityTest[]): string[] {
  const last = tests.at(-1)!;
  if (last.isShown) return [];
  return [
    `To show it of ${last.key}, if it is as good as ${last.against}, about ${count(last.imagesNeeded)} images to confirm on are needed (80 % power).`,
  ];
}
