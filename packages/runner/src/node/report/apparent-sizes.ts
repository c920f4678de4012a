import { type ApparentSize, type Missing, isMissing } from '@fixres/runs/report';
import { apparentSizes as sizesUnder, type Policy, type Size } from '@fixres/data';
import { readImageHeaders } from '@fixres/data/node';
import { APPARENT_SIZE_VIEWS, type ArmSpec, evaluationKey, type Experiment } from '@fixres/runs';
import type { RunImages } from './run-images.ts';

/** Images whose sizes are read, spread over the data set. */
const IMAGES = 1000;

/**
 * Simulates each arm's own test policy relative to its training, and to the training of the arm it
 * is initialised from.
 */
export async function apparentSizes(
  { arms }: Experiment,
  images: RunImages | Missing,
): Promise<ApparentSize[] | Missing> {
  if (isMissing(images)) return images;
  const step = Math.max(1, images.train.length / IMAGES);
  const sample = Array.from(
    { length: Math.min(IMAGES, images.train.length) },
    (_, i) => images.train[Math.floor(i * step)]!,
  );
  const { headers } = await readImageHeaders(sample);
  const sizes = headers.filter((header) => header !== undefined);
  if (sizes.length === 0) return { missing: 'None of the training images can be read.' };

  const known = new Map<string, Pick<ApparentSize, 'mean' | 'percentiles'>>();
  const compare = (train: Policy, test: Policy): Pick<ApparentSize, 'mean' | 'percentiles'> => {
    const key = JSON.stringify([train, test]);
    if (!known.has(key)) known.set(key, ratioOf(train, test, sizes));
    return known.get(key)!;
  };
  return arms.flatMap((arm) => {
    const before = arms.find(({ name }) => name === arm.initFrom);
    return [arm, before]
      .filter((each): each is ArmSpec => each !== undefined)
      .map((trained) => ({
        arm: arm.name,
        trained: trained.name,
        trainPolicy: evaluationKey(trained.trainPolicy),
        testPolicy: evaluationKey(arm.testPolicy),
        ...compare(trained.trainPolicy, arm.testPolicy),
      }));
  });
}

function ratioOf(
  train: Policy,
  test: Policy,
  sizes: readonly Size[],
): Pick<ApparentSize, 'mean' | 'percentiles'> {
  const draws = Math.ceil(APPARENT_SIZE_VIEWS / sizes.length);
  const { mean, percentiles } = sizesUnder(sizes, train, [test], { draws })[0]!;
  return { mean, percentiles };
}
