import { counted, percent } from '@fixres/runs/report';
import type { LeaksReport } from './find-leaks.ts';

/** Maximum number of pairs that are listed. */
const LISTED = 20;

/** Images that look the same, as text. */
export function leaksText(report: LeaksReport): string {
  const { dataset, images, distance, skipped, pairs, timed, heldOutImages, trainImages } = report;
  const { acrossSplit, bursts, acrossClasses, similar, multiLabel = false } = report;
  const [across, cause] = multiLabel
    ? ['With different labels', 'At least one image of each has wrong labels.']
    : ['In two classes', 'At least one label of each is wrong, or both classes are shown.'];
  const others = pairs - new Set([...acrossSplit, ...acrossClasses].map(unordered)).size;
  const share = percent(heldOutImages / images.heldOut);
  const isOne = heldOutImages === 1;
  const bits = (list: LeaksReport['acrossSplit']): string[] =>
    listed(
      list,
      '=',
      list.map((pair) => counted(pair.distance, 'bit')),
    );
  return [
    `${dataset}: ${counted(images.train, 'training image')}, ${counted(images.heldOut, 'held-out image')}`,
    `${counted(pairs, 'pair')} of images look the same: their perceptual hashes differ in at most ${distance} of 64 bits.`,
    ...(skipped > 0 ? [`Not compared, damaged or without contrast: ${skipped}.`] : []),
    timed === 0
      ? 'No photo has camera and time in its EXIF data, so bursts cannot be found.'
      : `${counted(timed, 'photo')} ${timed === 1 ? 'has' : 'have'} camera and time in ${timed === 1 ? 'its' : 'their'} EXIF data.`,
    '',
    heldOutImages === 0
      ? 'Across the split: none.'
      : `Across the split: ${counted(heldOutImages, 'held-out image')} (${share}) ${isOne ? 'looks' : 'look'} like a training image or ${isOne ? 'shares' : 'share'} its burst. Held-out accuracy can be too high by as much. --drop-leaks leaves out ${counted(trainImages.length, 'training image')}. The training image first:`,
    ...bits(acrossSplit),
    ...listed(
      bursts,
      'and',
      bursts.map(({ seconds }) => `same camera, ${seconds} s apart`),
    ),
    acrossClasses.length === 0
      ? `${across}: none.`
      : `${across}: ${counted(acrossClasses.length, 'pair')}. ${cause}`,
    ...bits(acrossClasses),
    ...(others > 0
      ? [
          `Not listed: ${counted(others, 'pair')} within the training or within the held-out images, with ${multiLabel ? 'the same labels' : 'one class'}, which ${others === 1 ? 'does' : 'do'} not leak.`,
        ]
      : []),
    ...(similar
      ? [
          'Other pairs that the model finds most similar, by the cosine of their whitened features. Look at them: they can also show two things of one class.',
          ...listed(
            similar,
            'and',
            similar.map(({ similarity }) => similarity.toFixed(3)),
          ),
        ]
      : []),
  ].join('\n');
}

/** A pair as text, the same in both orders. */
function unordered({ a, b }: { a: string; b: string }): string {
  return [a, b].sort().join('\n');
}

/** @param relation between the two: `=` if they look the same */
function listed(
  pairs: readonly { a: string; b: string }[],
  relation: '=' | 'and',
  notes: readonly string[],
): string[] {
  const lines = pairs
    .slice(0, LISTED)
    .map(({ a, b }, i) => `  ${a} ${relation} ${b} (${notes[i]!})`);
  const rest = pairs.length - lines.length;
  return [...lines, ...(rest > 0 ? [`  and ${rest} more (--json lists all)`] : [])];
}
