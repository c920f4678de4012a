import type { NonInferiorChoice, NonInferiorityTest } from '@fixres/runner';
import { count, points, textTable } from '@fixres/runs/report';

/** The cheapest size that is not worse than the best, as text. */
export function nonInferiorText({
  margin,
  images,
  tests,
  leftOut,
  chosen,
}: NonInferiorChoice): string {
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
    ...neededText(tests, images),
    ...(leftOut.length > 0
      ? [`Not tested, because worse by more where sizes were chosen: ${leftOut.join(', ')}.`]
      : []),
    'Each size is compared with all others on the confirming half, in points (the table shows the lowest bound), from the most accurate to the cheapest until one is not shown. All statements together are wrong with at most 5 % probability.',
  ].join('\n');
}

/** What the last test lacked, if it failed. */
function neededText(tests: readonly NonInferiorityTest[], images: number): string[] {
  const { key, against, isShown, imagesNeeded } = tests.at(-1)!;
  if (isShown) return [];
  return [
    imagesNeeded <= images
      ? `${key} is probably worse than ${against}: if it were as good, the ${count(images)} confirming images would have shown it 4 times out of 5.`
      : `To show it of ${key}, if it is as good as ${against}, about ${count(imagesNeeded)} confirming images are needed (80 % power), so twice as many in all.`,
  ];
}
