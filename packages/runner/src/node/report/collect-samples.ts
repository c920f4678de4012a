import type { Policy } from '@fixres/data';
import { evaluationKey, type Experiment, isSame } from '@fixres/runs';
import type { SampleGrid } from '@fixres/runs/report';
import type { RunImages } from './run-images.ts';

/** Number of pictures in a grid. */
const PICTURES = 8;

/** Draws a few training images under each policy of an experiment, as the model sees them. */
export async function collectSamples(
  experiment: Experiment,
  images: RunImages,
): Promise<SampleGrid[]> {
  const policies = new Map<string, Policy>();
  for (const { trainPolicy, testPolicy } of experiment.arms) {
    for (const policy of [trainPolicy, testPolicy]) policies.set(JSON.stringify(policy), policy);
  }
  const shown = { ...images, train: images.train.slice(0, PICTURES) };
  return Promise.all(
    Array.from(policies.values(), (policy) => sampleGrid(policy, experiment, shown)),
  );
}

async function sampleGrid(
  policy: Policy,
  experiment: Experiment,
  { train, classNames, loader }: RunImages,
): Promise<SampleGrid> {
  const users = experiment.arms.flatMap(({ name, trainPolicy, testPolicy }) => [
    ...(isSame(trainPolicy, policy) ? [`trains ${name}`] : []),
    ...(isSame(testPolicy, policy) ? [`evaluates ${name}`] : []),
  ]);
  // Only reports need it, and it takes long to load.
  const { default: sharp } = await import('sharp');
  const { width, height } = policy.output;
  const pictures: SampleGrid['pictures'] = [];
  for await (const batch of loader.batches(train, { policy, batchSize: PICTURES })) {
    const length = width * height * 3;
    for (const index of batch.indices) {
      const pixels = batch.pixels.subarray(
        pictures.length * length,
        (pictures.length + 1) * length,
      );
      const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .webp({ quality: 80 })
        .toBuffer();
      pictures.push({
        label: classNames[train[index]!.label]!,
        dataUri: `data:image/webp;base64,${bytes.toString('base64')}`,
      });
    }
  }
  return { title: users.join(', '), policy: evaluationKey(policy), pictures };
}
