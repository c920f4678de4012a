import type { Policy } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import { evaluationKey, type Experiment } from '@fixres/runner';
import sharp from 'sharp';
import type { SampleGrid } from '../report-input.ts';

/** Pictures in a grid. */
const PICTURES = 8;

/** Draws a few training images under each policy of an experiment, as the model sees them. */
export async function collectSamples(experiment: Experiment, examples: readonly Example[], loader: ImageLoader): Promise<SampleGrid[]> {
  const policies = new Map<string, Policy>();
  for (const { trainPolicy, testPolicy } of experiment.arms) {
    for (const policy of [trainPolicy, testPolicy]) policies.set(evaluationKey(policy), policy);
  }
  const shown = examples.slice(0, PICTURES);
  return Promise.all(Array.from(policies, ([key, policy]) => sampleGrid(key, policy, experiment, shown, loader)));
}

async function sampleGrid(
  key: string,
  policy: Policy,
  experiment: Experiment,
  examples: readonly Example[],
  loader: ImageLoader,
): Promise<SampleGrid> {
  const users = experiment.arms.flatMap(({ name, trainPolicy, testPolicy }) => [
    ...(evaluationKey(trainPolicy) === key ? [`trains ${name}`] : []),
    ...(evaluationKey(testPolicy) === key ? [`tests ${name}`] : []),
  ]);
  const { width, height } = policy.output;
  const pictures: SampleGrid['pictures'] = [];
  for await (const batch of loader.batches(examples, { policy, batchSize: PICTURES })) {
    const length = width * height * 3;
    for (const index of batch.indices) {
      const pixels = batch.pixels.subarray(pictures.length * length, (pictures.length + 1) * length);
      const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } }).webp({ quality: 80 }).toBuffer();
      pictures.push({ label: examples[index]!.id.split('/')[0]!, dataUri: `data:image/webp;base64,${bytes.toString('base64')}` });
    }
  }
  return { title: users.join(', '), policy: key, pictures };
}
