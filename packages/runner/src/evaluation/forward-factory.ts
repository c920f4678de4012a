import type { ImageSize } from '@fixres/data';
import type { SessionFactory } from '@fixres/engine/graph';
import type { Precision } from '@fixres/runs';
import type * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ImageBatch } from '../images/image-source.ts';

/** A forward pass that does not run kernel by kernel, for example from `compileForward`. */
export interface FastForward {
  (batch: Pick<ImageBatch, 'pixels' | 'shape'>): tf.Tensor;
  dispose(): void;
}

/** Requirements of a forward pass: images of this size, in batches of these sizes. */
export interface ForwardRequest {
  size: ImageSize;
  batchSizes: readonly number[];
  precision: Precision;
  /** Loads the graph, if it exchanges numbers with other processes; see `TrainingCluster`. */
  openSession?: SessionFactory | undefined;
  /** Called if the forward pass is not the requested one, with the reason. */
  onWarning: (message: string) => void;
}

/** Returns undefined if the model must run kernel by kernel, for any image size. */
export type ForwardFactory = (
  model: Pick<LayersModel, 'apply'>,
  request: ForwardRequest,
) => FastForward | undefined;
