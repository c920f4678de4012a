import {
  type ImageSize,
  imageSizeText,
  isSameSize,
  mapSides,
  policyLabel,
  type ResolutionPlan,
  sidesOf,
} from '@fixres/data';
import { percent } from '@fixres/runs/report';

/** Crops that show less of a photo than this can lose more than a matched size gains. */
const LITTLE_SHOWN = 0.6;
/** Networks that halve the side of their input five times. */
const STRIDE = 32;
/** A feature map with fewer cells on a side consists mostly of borders. */
const FEW_CELLS = 4;
/** Objects that are stretched by less look the same: crops in training vary by 4/3. */
const STRETCHED = 1.1;

/** Reasons why measuring may contradict an estimate from the sizes of the images, as sentences. */
export function planWarnings({ recommendation, trainPolicy, trainSize }: ResolutionPlan): string[] {
  const { policy, cropSize, visibleShare, stretch } = recommendation;
  const cells = (size: ImageSize): ImageSize => mapSides(size, (side) => Math.ceil(side / STRIDE));
  const [before, after] = [cells(trainSize), cells(cropSize)];
  const least = Math.min(...[before, after].map(shorterSide));
  const isSame = isSameSize(before, after);
  return [
    ...(visibleShare < LITTLE_SHOWN
      ? [
          `${policyLabel({ name: policy.name, output: sidesOf(cropSize) })} shows ${percent(visibleShare, 0)} of a photo on average. Objects that fill portrait or panorama photos are cut.`,
        ]
      : []),
    // Photos squashed to a square are stretched too; a rectangle is chosen to avoid that.
    ...(typeof trainSize === 'object' && Math.max(stretch, 1 / stretch) > STRETCHED
      ? [
          `Objects look ${shape(stretch)} than in training under ${trainPolicy.name}: the aspect ratio of its crops does not follow ${imageSizeText(trainSize)}.`,
        ]
      : []),
    ...(least < FEW_CELLS
      ? [
          isSame
            ? `A network that halves the side of its input five times ends with ${map(after)} at ${imageSizeText(cropSize)} pixels: borders and padding affect most of what the classifier sees.`
            : `A network that halves the side of its input five times ends with ${map(before)} at ${imageSizeText(trainSize)} pixels and ${map(after)} at ${imageSizeText(cropSize)}: borders and padding weigh differently, whatever the size of objects.`,
        ]
      : []),
  ];
}

function shorterSide(size: ImageSize): number {
  const { height, width } = sidesOf(size);
  return Math.min(height, width);
}

function map(cells: ImageSize): string {
  const { height, width } = sidesOf(cells);
  return `a map of ${height} x ${width} cells`;
}

function shape(stretch: number): string {
  return stretch > 1
    ? `${percent(stretch - 1, 0)} wider`
    : `${percent(1 / stretch - 1, 0)} narrower`;
}
