import * as tf from '@tensorflow/tfjs-core';

interface BackpropFilterAttrs {
  readonly strides: number | [number, number];
  readonly dataFormat: 'NHWC' | 'NCHW';
  readonly filterShape: [number, number, number, number];
}

const kernelName = 'Conv2DBackpropFilter';
const backendName = 'tensorflow';
const replaced = new WeakSet<tf.KernelFunc>();

/**
 * Patches the filter gradient of strided 1x1 convolutions on the native engine. oneDNN's kernel for
 * them (TensorFlow 2.21, CPU with AVX-512) is unsafe: for some channel counts it crashed the
 * process or returned wrong numbers. A 1x1 filter sees only every stride-th pixel, so the gradient
 * equals that of a convolution without a stride over those pixels, which another kernel computes.
 *
 * Call it after the native backend is loaded. Later calls do nothing.
 */
export function patchStridedPointwiseGradient(): void {
  const vendor = tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined;
  if (vendor === undefined || replaced.has(vendor.kernelFunc)) return;
  const kernelFunc: tf.KernelFunc = (call) => {
    const { strides, filterShape, dataFormat } = call.attrs as unknown as BackpropFilterAttrs;
    const [strideHeight, strideWidth] = typeof strides === 'number' ? [strides, strides] : strides;
    const isPointwise = filterShape[0] === 1 && filterShape[1] === 1;
    if (!isPointwise || (strideHeight === 1 && strideWidth === 1) || dataFormat !== 'NHWC')
      return vendor.kernelFunc(call);

    const x = call.inputs.x as tf.Tensor4D;
    // The mean of a window of one pixel is that pixel: oneDNN pools in a tenth of the time of
    // StridedSlice, and keeps bfloat16.
    const seen = tf.avgPool(x, 1, [strideHeight, strideWidth], 'same');
    try {
      return vendor.kernelFunc({
        ...call,
        inputs: { ...call.inputs, x: seen },
        attrs: { ...call.attrs, strides: 1, pad: 'valid' },
      });
    } finally {
      seen.dispose();
    }
  };
  replaced.add(kernelFunc);
  tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({ ...vendor, kernelFunc });
}
