import * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../errors.ts';
import type { ConvAttributes } from './conv-geometry.ts';
import { conv2dBackpropFilter } from './conv2d-backprop-filter.ts';
import { conv2dBackpropInput } from './conv2d-backprop-input.ts';
import { depthwiseBackpropFilter } from './depthwise-backprop-filter.ts';
import { depthwiseBackpropInput } from './depthwise-backprop-input.ts';
import { maxPoolGrad, type MaxPoolGradAttributes } from './max-pool-grad.ts';
import { tileByBlocks } from './tile.ts';
import type { WasmBackend } from './wasm-backend.ts';

type Shape4D = [number, number, number, number];
type Arguments = Parameters<tf.KernelFunc>[0];

const replaced = new WeakSet<tf.KernelConfig>();

/**
 * Adds the kernels that the wasm backend needs to train convolutional networks, and makes training
 * fast. Adds the missing `Conv2DBackpropFilter` and both gradients of depthwise convolutions,
 * replaces the faulty `MaxPoolGrad`, and replaces `Conv2DBackpropInput` and `Tile` (used by the
 * gradient of batch normalisation) with faster kernels that compute the same numbers. Also works in
 * browsers. Later calls do nothing.
 *
 * Import `@tensorflow/tfjs-backend-wasm` first. The gradients themselves come with
 * `@tensorflow/tfjs-layers` or `@tensorflow/tfjs`; `@tensorflow/tfjs-core` alone has none.
 *
 * @throws FixresEngineError `wasm-not-loaded` if the wasm backend was not imported before
 */
export function registerWasmTrainingKernels(): void {
  if (!findKernel('Conv2D')) {
    throw new FixresEngineError(
      'wasm-not-loaded',
      "the wasm backend has no kernels yet; import '@tensorflow/tfjs-backend-wasm' before calling registerWasmTrainingKernels()",
    );
  }
  replaceKernel('Conv2DBackpropFilter', ({ inputs, attrs }) => {
    const { x, dy } = inputs as unknown as { x: tf.Tensor4D; dy: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes & { filterShape: Shape4D };
    return conv2dBackpropFilter(x, dy, attributes.filterShape, attributes);
  });
  replaceKernel('Conv2DBackpropInput', ({ inputs, attrs }) => {
    const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes & { inputShape: Shape4D };
    return conv2dBackpropInput(dy, filter, attributes.inputShape, attributes);
  });
  replaceKernel('DepthwiseConv2dNativeBackpropFilter', ({ inputs, attrs, backend }) => {
    const attributes = attrs as unknown as ConvAttributes & { filterShape: Shape4D };
    return depthwiseBackpropFilter(
      inputs.x!,
      inputs.dy!,
      attributes.filterShape,
      attributes,
      backend as WasmBackend,
    );
  });
  replaceKernel('DepthwiseConv2dNativeBackpropInput', ({ inputs, attrs }) => {
    const { dy, filter } = inputs as unknown as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    const attributes = attrs as unknown as ConvAttributes & { inputShape: Shape4D };
    return depthwiseBackpropInput(dy, filter, attributes.inputShape, attributes);
  });
  replaceKernel('MaxPoolGrad', ({ inputs, attrs, backend }) =>
    maxPoolGrad(
      inputs.dy!,
      inputs.input!,
      attrs as unknown as MaxPoolGradAttributes,
      backend as WasmBackend,
    ),
  );
  replaceKernel('Tile', ({ inputs, attrs, backend }) =>
    tileByBlocks(inputs.x!, (attrs as unknown as { reps: number[] }).reps, backend as WasmBackend),
  );
}

/** Registers `run`; if it returns null, the backend's own kernel runs. */
function replaceKernel(kernelName: string, run: (args: Arguments) => tf.TensorInfo | null): void {
  const vendor = findKernel(kernelName);
  if (vendor && replaced.has(vendor)) return;
  // Replacing a registered kernel prints a warning, so it is unregistered first.
  if (vendor) tf.unregisterKernel(kernelName, 'wasm');
  const config: tf.KernelConfig = {
    ...vendor,
    kernelName,
    backendName: 'wasm',
    kernelFunc: (args) => {
      const result = run(args) ?? vendor?.kernelFunc(args);
      if (result) return result;
      throw new FixresEngineError(
        'unsupported-kernel',
        `${kernelName} cannot run on wasm with attributes ${JSON.stringify(args.attrs)}`,
      );
    },
  };
  replaced.add(config);
  tf.registerKernel(config);
}

/** `tf.getKernel` with a type that allows for a missing kernel. */
function findKernel(kernelName: string): tf.KernelConfig | undefined {
  return tf.getKernel(kernelName, 'wasm');
}
