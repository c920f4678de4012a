import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';

/** Attributes that tfjs passes to the gradient kernels of convolutions. */
export interface ConvAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number | tf.backend_util.ExplicitPadding;
  /** Missing for depthwise convolutions, which are always `NHWC`. */
  readonly dataFormat?: 'NHWC' | 'NCHW';
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

/** Strides and leading padding, in pixels. */
export interface ConvGeometry {
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly padTop: number;
  readonly padLeft: number;
}

/**
 * Resolves `same`, `valid` and explicit padding like the forward pass.
 *
 * @throws FixresEngineError `unsupported-kernel` for `NCHW`, which the wasm convolution does not
 * support either
 */
export function convGeometry(
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  { strides, pad, dataFormat = 'NHWC', dimRoundingMode }: ConvAttributes,
  depthwise = false,
): ConvGeometry {
  if (dataFormat !== 'NHWC') {
    throw new FixresEngineError(
      'unsupported-kernel',
      `dataFormat is '${dataFormat}'; convolutions on wasm can only be trained in 'NHWC'`,
    );
  }
  const info = tf.backend_util.computeConv2DInfo(
    inputShape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode,
    depthwise,
  );
  return {
    strideHeight: info.strideHeight,
    strideWidth: info.strideWidth,
    padTop: info.padInfo.top,
    padLeft: info.padInfo.left,
  };
}
