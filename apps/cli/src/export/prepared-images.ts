import { contractPolicy, normalisePixels, type PreprocessingContract } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';

/** The images of a batch as input of an exported model. */
export interface ModelInput {
  values: Uint8Array | Float32Array;
  dims: readonly number[];
}

export interface PreparedImagesOptions {
  examples: readonly Example[];
  contract: PreprocessingContract;
  loader: ImageLoader;
  batchSize: number;
  signal: AbortSignal;
}

/** Levels that stay as they are. */
const unscaled = { normalisation: { kind: 'scale', scale: 1, offset: 0 } } as const;

/** Levels of images that are resized and cropped as a contract states, in batches. */
export function resizedImages(
  options: PreparedImagesOptions,
  layout: 'NHWC' | 'NCHW',
): AsyncGenerator<ModelInput> {
  const contract = { ...options.contract, ...unscaled };
  return preparedImages({ ...options, contract }, layout);
}

/** Images as a contract states, in batches. */
export async function* preparedImages(
  { examples, contract, loader, batchSize, signal }: PreparedImagesOptions,
  layout: 'NHWC' | 'NCHW',
): AsyncGenerator<ModelInput> {
  const policy = contractPolicy(contract);
  for await (const { pixels, shape } of loader.batches(examples, { policy, batchSize, signal })) {
    const [images, height, width] = shape;
    yield {
      values: normalisePixels(pixels, { ...contract, layout }),
      dims: layout === 'NHWC' ? shape : [images, 3, height, width],
    };
  }
}
