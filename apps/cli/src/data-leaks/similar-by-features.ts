import { contractPolicy, unscaled } from '@fixres/data';
import { type Example, type ImageDataset, ImageLoader, type Split } from '@fixres/data/node';
import { useEngine } from '@fixres/engine';
import {
  FixresRunnerError,
  imageFeatures,
  type ImageFeatures,
  nearestImages,
} from '@fixres/runner';
import {
  imageLoading,
  loaderSource,
  openModel,
  type PreparationListeners,
  type TrainedRun,
} from '@fixres/runner/node';
import type { DatasetReading } from '@fixres/runs';
import { evaluationImages } from '../evaluate/evaluation-images.ts';
import type { EngineOptions } from '../run/engine-options.ts';

/** A held-out image and the training image that a model finds most like it. */
export interface SimilarPair {
  /** The training image. */
  a: string;
  /** The held-out image. */
  b: string;
  /** Cosine of their features, whitened over the training images, -1..1. */
  similarity: number;
}

/** A trained model, and the run that it is from. */
export interface FeatureModel extends EngineOptions {
  folder: string;
  run: TrainedRun | undefined;
  best: boolean | undefined;
}

const BATCH = 32;

/**
 * The split that a model was trained with, if it is from a run on the data set; otherwise that of a run
 * with the same options.
 */
export function splitOfModel(
  dataset: ImageDataset,
  options: {
    run: TrainedRun | undefined;
    source: string;
    limit: number | undefined;
    heldOut: number | undefined;
  },
): Split {
  const part = (name: 'train' | 'held-out'): Example[] =>
    evaluationImages(dataset, { part: name, ...options }).examples;
  return { train: part('train'), heldOut: part('held-out') };
}

/**
 * For each held-out image, the training image with the most similar features, the most similar pairs
 * first. Similar features are no proof: they can also show two things of one class.
 *
 * @throws FixresRunnerError `bad-option` for a model without a contract; errors of opening the model
 */
export async function similarByFeatures(
  { train, heldOut }: Readonly<Record<keyof Split, readonly Example[]>>,
  { folder, run, best, engine, device }: FeatureModel,
  {
    reading,
    on,
    signal,
  }: { reading: DatasetReading; on: PreparationListeners; signal: AbortSignal },
): Promise<SimilarPair[]> {
  const { reason } = await useEngine({ engine, device });
  on.note?.(`Engine: ${reason}`);
  const { model, contract } = await openModel(folder, { best, run });
  const loader = new ImageLoader(
    imageLoading({ ...reading, decode: reading.decode ?? contract?.decode }),
  );
  try {
    const policy = run?.arm.testPolicy ?? (contract && contractPolicy(contract));
    if (policy === undefined)
      throw new FixresRunnerError(
        'bad-option',
        `Option --model is "${folder}", which does not define its preprocessing; it must be a model with a contract, or of a run.`,
      );
    const pixels = contract ?? { normalisation: unscaled, layout: 'NHWC' as const };
    const of = (examples: readonly Example[], what: string): Promise<ImageFeatures> =>
      imageFeatures(
        model,
        loaderSource(loader, examples).batches({
          policy,
          batchSize: BATCH,
          seed: 0,
          epoch: 0,
          shuffle: false,
          signal,
        }),
        {
          contract: pixels,
          onBatch: (images) =>
            on.progress?.(`Features of ${what} images: ${images} of ${examples.length}`),
          signal,
        },
      );
    const nearest = await nearestImages(await of(heldOut, 'held-out'), await of(train, 'training'));
    return nearest
      .map(({ index, similarity }, i) => ({ a: train[index]!.id, b: heldOut[i]!.id, similarity }))
      .sort((x, y) => y.similarity - x.similarity);
  } finally {
    model.dispose();
    await loader.close();
  }
}
