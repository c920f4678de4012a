import { counted, percent } from '@fixres/runs/report';
import type { LeakPair, LeaksReport } from './find-leaks.ts';

/** Maximum number of pairs that are listed. */
const LISTED = 20;

/** Images that look the same, as text. */
export function leaksText(report: LeaksReport): string {
  const { dataset, images, distance, skipped, pairs, heldOutImages } = report;
  const { acrossSplit, acrossClasses } = report;
  const share = percent(heldOutImages / images.heldOut);
  return [
    `${dataset}: ${counted(images.train, 'training image')}, ${counted(images.heldOut, 'held-out image')}`,
    `${counted(pairs, 'pair')} of images look the same: their perceptual hashes differ in at most ${distance} of 64 bits.`,
    ...(skipped > 0 ? [`Not compared, damaged or without contrast: ${skipped}.`] : []),
    '',
    acrossSplit.length === 0
      ? 'Across the split: none.'
      : `Across the split: ${counted(heldOutImages, 'held-out image')} (${share}) ${heldOutImages === 1 ? 'looks' : 'look'} like a training image. Held-out accuracy can be too high by as much.`,
    ...listed(acrossSplit),
    acrossClasses.length === 0
      ? 'In two classes: none.'
      : `In two classes: ${counted(acrossClasses.length, 'pair')}. At least one label of each is wrong, or both classes are shown.`,
    ...listed(acrossClasses),
  ].join('\n');
}

function listed(pairs: readonly LeakPair[]): string[] {
  const lines = pairs
    .slice(0, LISTED)
    .map(({ a, b, distance }) => `  ${a} = ${b} (${counted(distance, 'bit')})`);
  const rest = pairs.length - lines.length;
  return [...lines, ...(rest > 0 ? [`  and ${rest} more (--json lists all)`] : [])];
}
