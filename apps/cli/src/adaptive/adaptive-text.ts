import type { AdaptiveChoice } from '@fixres/runner';
import { count, counted, percent, textTable } from '@fixres/runs/report';

/** With which confidence a small size may decide, as text. */
export function adaptiveText(choice: AdaptiveChoice): string {
  const { large, agreement, confidence, images, imagesNeeded, pairs, chosen, largeAccuracy, ci95 } =
    choice;
  const table = textTable(
    ['small size', 'decides above', 'decides', 'mean FLOPs', 'agrees', 'accuracy'],
    [
      ...pairs.map(({ key, threshold, confirmed }) => [
        `${key}${key === chosen ? ' *' : ''}`,
        threshold >= 1 ? 'never' : percent(threshold),
        percent(confirmed.small),
        `${confirmed.flops.toFixed(2)}x`,
        percent(confirmed.agreement),
        percent(confirmed.accuracy),
      ]),
      [`${large} alone`, '', '', '1.00x', percent(1), percent(largeAccuracy)],
    ],
    [1, 2, 3, 4, 5],
  );
  const promise = `With ${percent(confidence, 0)} confidence, at least ${percent(agreement)} of new images like these are decided as at ${large}.`;
  const found = pairs.find(({ key }) => key === chosen);
  const halves = `Found on ${counted(images.choosing, 'image')}, measured in the table on ${images.confirming} others.`;
  if (!found)
    return [
      table,
      '',
      images.choosing < imagesNeeded
        ? `No size may decide: ${counted(images.choosing, 'image')} cannot show an agreement of ${percent(agreement)}; at least ${count(imagesNeeded)} are needed, so ${count(2 * imagesNeeded)} in all.`
        : `No small size saves compute: to keep ${percent(agreement)} of the decisions of ${large}, too many images must be decided there.`,
      halves,
    ].join('\n');
  return [
    table,
    '',
    `* ${found.key} decides if its highest probability is above ${percent(found.threshold)}; otherwise ${large} decides. ${promise}`,
    `${halves} There ${percent(found.confirmed.agreement)} agreed (${percent(ci95![0])} to ${percent(ci95![1])}).`,
  ].join('\n');
}
