import {
  adjustmentText,
  drawingOf,
  drawMix,
  mixPixels,
  type MixSettings,
  mixText,
  type Policy,
  type Size,
  viewRandom,
} from '@fixres/data';
import { labelText, readImageHeaders } from '@fixres/data/node';
import { evaluationKey, type Experiment, isSame } from '@fixres/runs';
import type { SampleGrid } from '@fixres/runs/report';
import type { RunImages } from './run-images.ts';

/** Number of pictures in a grid. */
const PICTURES = 8;
/** Images of a mixed batch: few, so that a grid shows several mixtures. */
const MIXED = 4;

/** What a grid shows: images under a policy, in mixed batches or not. */
interface Shown {
  policy: Policy;
  mix?: MixSettings | undefined;
}

/**
 * Draws a few training images under each policy of an experiment, as the model sees them, and
 * states the changes that were drawn for each. An arm that mixes its batches has a grid of mixed
 * images too.
 */
export async function collectSamples(
  experiment: Experiment,
  images: RunImages,
): Promise<SampleGrid[]> {
  const grids = new Map<string, Shown>();
  for (const { trainPolicy, testPolicy, mix, epochs } of experiment.arms) {
    const mixed = mix && epochs > 0 ? [{ policy: trainPolicy, mix }] : [];
    for (const grid of [{ policy: trainPolicy }, ...mixed, { policy: testPolicy }])
      grids.set(JSON.stringify(grid), grid);
  }
  const train = images.train.slice(0, PICTURES);
  const { headers: sizes } = await readImageHeaders(train);
  return Promise.all(
    Array.from(grids.values(), (grid) => sampleGrid(grid, experiment, { ...images, train, sizes })),
  );
}

async function sampleGrid(
  { policy, mix: settings }: Shown,
  experiment: Experiment,
  { train, sizes, classNames, loader }: RunImages & { sizes: readonly (Size | undefined)[] },
): Promise<SampleGrid> {
  // Only reports need it, and it takes long to load.
  const { default: sharp } = await import('sharp');
  const { width, height } = policy.output;
  const length = width * height * 3;
  const pictures: SampleGrid['pictures'] = [];
  const batchSize = settings ? MIXED : PICTURES;
  let step = 0;
  for await (const batch of loader.batches(train, { policy, batchSize })) {
    const mix = settings && drawMix(settings, policy.output, { seed: 0, epoch: 0, step: step++ });
    const pixels = mix ? mixPixels(batch, mix, new Uint8Array(batch.pixels.length)) : batch.pixels;
    for (const [i, index] of batch.indices.entries()) {
      const levels = pixels.subarray(i * length, (i + 1) * length);
      const bytes = await sharp(levels, { raw: { width, height, channels: 3 } })
        .webp({ quality: 80 })
        .toBuffer();
      const other = batch.indices[batch.indices.length - 1 - i]!;
      pictures.push({
        label: labelText(train[index]!, classNames),
        changes: [
          ...drawnChanges(policy, sizes[index], index),
          ...(mix ? [mixText(mix, labelText(train[other]!, classNames))] : []),
        ],
        dataUri: `data:image/webp;base64,${bytes.toString('base64')}`,
      });
    }
  }
  return {
    title: titleOf({ policy, mix: settings }, experiment),
    policy: evaluationKey(policy),
    pictures,
  };
}

/** The changes that the loader draws for an image of the first epoch with seed 0, its default. */
function drawnChanges(policy: Policy, size: Size | undefined, index: number): string[] {
  if (size === undefined) return [];
  const { adjustments, augmentations } = drawingOf(policy, size, viewRandom(0, 0, index));
  return [...adjustments, ...augmentations].map(adjustmentText);
}

function titleOf({ policy, mix }: Shown, { arms }: Experiment): string {
  if (mix !== undefined) {
    const names = arms.flatMap((arm) =>
      arm.epochs > 0 && isSame(arm.trainPolicy, policy) && isSameMix(arm.mix, mix)
        ? [arm.name]
        : [],
    );
    return `trains ${names.join(', ')} in mixed batches`;
  }
  return arms
    .flatMap(({ name, trainPolicy, testPolicy }) => [
      ...(isSame(trainPolicy, policy) ? [`trains ${name}`] : []),
      ...(isSame(testPolicy, policy) ? [`evaluates ${name}`] : []),
    ])
    .join(', ');
}

function isSameMix(a: MixSettings | undefined, b: MixSettings): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
