import { input, layers, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { seededGlorotUniform } from '../initializers/seeded-glorot-uniform.ts';
import type { ResolvedArchitectureOptions } from './architecture-options.ts';

/** The input layer, named as in Keras 3. */
export function imageInput({ inputShape }: ResolvedArchitectureOptions): SymbolicTensor {
  return input({ shape: inputShape, name: 'input_layer' });
}

/** The image after the layer `rescaling`, if requested. */
export function rescaled(
  image: SymbolicTensor,
  { rescaling }: ResolvedArchitectureOptions,
): SymbolicTensor {
  if (rescaling === undefined) return image;
  // tfjs declares this layer for numbers, but it also works with arrays.
  return layers
    .rescaling({ ...(rescaling as { scale: number; offset: number }), name: 'rescaling' })
    .apply(image) as SymbolicTensor;
}

/**
 * What follows the last feature map: pooling and the dense layer `predictions`, pooling alone, or
 * nothing.
 *
 * @param poolNames names of the pooling layers
 */
export function classifierHead(
  features: SymbolicTensor,
  { includeTop, pooling, classes, classifierActivation, seed }: ResolvedArchitectureOptions,
  poolNames: { avg: string; max: string },
): SymbolicTensor {
  const kind = pooling ?? (includeTop ? 'avg' : undefined);
  if (kind === undefined) return features;
  const pool = kind === 'avg' ? layers.globalAveragePooling2d : layers.globalMaxPooling2d;
  const pooled = pool({ name: poolNames[kind] }).apply(features) as SymbolicTensor;
  if (!includeTop) return pooled;
  const predictions = layers.dense({
    units: classes,
    activation: classifierActivation === 'none' ? 'linear' : classifierActivation,
    kernelInitializer: seededGlorotUniform(seed, 'predictions'),
    name: 'predictions',
  });
  return predictions.apply(pooled) as SymbolicTensor;
}
