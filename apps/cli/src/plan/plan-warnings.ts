import type { ResolutionPlan } from '@fixres/data';
import { percent } from '@fixres/runs/report';

/** Crops that show less of a photo than this can lose more than a matched size gains. */
const LITTLE_SHOWN = 0.6;
/** Networks that halve the side of their input five times. */
const STRIDE = 32;
/** A feature map with fewer cells on a side consists mostly of borders. */
const FEW_CELLS = 4;

/** Reasons why measuring may contradict an estimate from the sizes of the images, as sentences. */
export function planWarnings({ recommendation, trainSize }: ResolutionPlan): string[] {
  const { policy, cropSize, visibleShare } = recommendation;
  const cells = (size: number): number => Math.ceil(size / STRIDE);
  const [before, after] = [cells(trainSize), cells(cropSize)];
  return [
    ...(visibleShare < LITTLE_SHOWN
      ? [
          `${policy.name}@${cropSize} shows ${percent(visibleShare, 0)} of a photo on average. Objects that fill portrait or panorama photos are cut.`,
        ]
      : []),
    ...(Math.min(before, after) < FEW_CELLS
      ? [
          before === after
            ? `A network that halves the side of its input five times ends with ${map(after)} at ${cropSize} pixels: borders and padding affect most of what the classifier sees.`
            : `A network that halves the side of its input five times ends with ${map(before)} at ${trainSize} pixels and ${map(after)} at ${cropSize}: borders and padding weigh differently, whatever the size of objects.`,
        ]
      : []),
  ];
}

function map(cells: number): string {
  return `a map of ${cells} x ${cells} cells`;
}
