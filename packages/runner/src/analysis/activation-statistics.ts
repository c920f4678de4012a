import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { contractInput, type PixelContract } from '../evaluation/contract-classifier.ts';
import { FixresRunnerError } from '../errors.ts';
import type { ActivationRecord } from '@fixres/runs';
import type { ImageBatch } from '../images/image-source.ts';
import { imageTensor } from '../images/image-tensor.ts';
import { SpreadMeter } from './spread-meter.ts';

/** Input and output of the classifier's pooling, over all images. */
export type ActivationStatistics = Omit<ActivationRecord, 'policy' | 'size' | 'state'>;

export interface ActivationStatisticsOptions {
  /**
   * Name of the layer whose output is measured, [b, h, w, c]. Default: the input of the model's
   * last global average pooling.
   */
  layer?: string;
  /** Converts levels to the model's input. Default: the levels are the input. Not with `forward`. */
  contract?: PixelContract;
  /**
   * Computes the output of {@link beforePooling} for a batch, for example from `compileForward`. Default:
   * the model, kernel by kernel. Not with `layer`.
   */
  forward?: ((batch: ImageBatch) => tf.Tensor) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Statistics of the activations before the pooling of a classifier, and of the pooled vectors. At a
 * test size other than the train size these shift (fewer zeros and less variation at larger sizes);
 * fine-tuning the classifier and the last batch normalisation compensates for this. Compare the
 * sizes, and the same size before and after fine-tuning.
 *
 * Source: H. Touvron et al., "Fixing the train-test resolution discrepancy" (arXiv 1906.06423),
 * section 3.2.
 *
 * @param batches all at the same size, for example `source.batches({ policy, shuffle: false, ...
 * })`
 * @throws FixresRunnerError `bad-option` for a layer that does not exist or that has no maps, and
 * without images
 */
export async function activationStatistics(
  model: tfl.LayersModel,
  batches: Iterable<ImageBatch> | AsyncIterable<ImageBatch>,
  { layer, contract, forward, signal }: ActivationStatisticsOptions = {},
): Promise<ActivationStatistics> {
  const watched = watchedOutput(model, layer);
  const trunk = forward ?? kernelByKernel(model, watched, contract);
  const [map, pooled] = [new SpreadMeter(), new SpreadMeter()];
  let images = 0;
  let shape: ActivationStatistics['shape'] | undefined;
  for await (const batch of batches) {
    signal?.throwIfAborted();
    tf.tidy(() => {
      const maps = trunk(batch) as tf.Tensor4D;
      shape ??= [maps.shape[1], maps.shape[2], maps.shape[3]];
      map.add(maps.dataSync<'float32'>());
      pooled.add(tf.mean(maps, [1, 2]).dataSync<'float32'>());
    });
    images += batch.labels.length;
    await tf.nextFrame();
  }
  if (shape === undefined)
    throw new FixresRunnerError(
      'bad-option',
      'Option "batches" is empty; it must contain at least one batch.',
    );
  return {
    layer: watched.sourceLayer.name,
    images,
    shape,
    map: map.spread(),
    pooled: pooled.spread(),
  };
}

/** The part of a model up to the input of its last global average pooling. */
export function beforePooling(model: tfl.LayersModel): tfl.LayersModel {
  return tfl.model({ inputs: model.inputs, outputs: watchedOutput(model, undefined) });
}

function kernelByKernel(
  model: tfl.LayersModel,
  output: tfl.SymbolicTensor,
  contract: PixelContract | undefined,
): (batch: ImageBatch) => tf.Tensor {
  const trunk = tfl.model({ inputs: model.inputs, outputs: output });
  return (batch) => {
    const images = imageTensor(batch) as tf.Tensor4D;
    const input = contract ? contractInput(images, contract) : images;
    return trunk.apply(input, { training: false }) as tf.Tensor;
  };
}

/** Whether {@link activationStatistics} finds the layer by itself. */
export function hasPooledMaps(model: tfl.LayersModel): boolean {
  return isMap(pooledInput(tensorsOf(model)));
}

function watchedOutput(model: tfl.LayersModel, name: string | undefined): tfl.SymbolicTensor {
  const tensors = tensorsOf(model);
  const output =
    name === undefined
      ? pooledInput(tensors)
      : tensors.findLast(({ sourceLayer }) => sourceLayer.name === name);
  if (isMap(output)) return output;
  const known = tensors.filter(isMap).map(({ sourceLayer }) => sourceLayer.name);
  const received =
    name === undefined ? 'not given, and the model has no GlobalAveragePooling2D' : `"${name}"`;
  const shown = `${known.slice(-5).join(', ')}${known.length > 5 ? ` and ${known.length - 5} before them` : ''}`;
  throw new FixresRunnerError(
    'bad-option',
    `Option "layer" is ${received}; layers with maps [b, h, w, c] are ${shown || 'none'}.`,
  );
}

function pooledInput(tensors: readonly tfl.SymbolicTensor[]): tfl.SymbolicTensor | undefined {
  return tensors.findLast(
    ({ sourceLayer }) => sourceLayer.getClassName() === 'GlobalAveragePooling2D',
  )?.inputs[0];
}

/**
 * The outputs of all layers of a model, inputs first. A layer can be part of several models; these
 * are its tensors in this one.
 */
function tensorsOf(model: tfl.LayersModel): tfl.SymbolicTensor[] {
  const seen = new Set<tfl.SymbolicTensor>();
  const tensors: tfl.SymbolicTensor[] = [];
  const visit = (tensor: tfl.SymbolicTensor): void => {
    if (seen.has(tensor)) return;
    seen.add(tensor);
    tensor.inputs.forEach(visit);
    tensors.push(tensor);
  };
  model.outputs.forEach(visit);
  return tensors;
}

function isMap(output: tfl.SymbolicTensor | undefined): output is tfl.SymbolicTensor {
  return output?.shape.length === 4;
}
