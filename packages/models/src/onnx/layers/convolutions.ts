import {
  type GraphValue,
  type LayerCall,
  type LayerTranslator,
  permuted,
  type WeightArray,
} from '../layer-call.ts';
import { activated } from './activations.ts';
import { windowPadding } from './window-padding.ts';

/** Settings that all convolutions have. */
interface ConvolutionSettings {
  strides: number[];
  padding: 'same' | 'valid';
  dilationRate?: number | number[];
  dataFormat?: 'channelsFirst' | 'channelsLast';
}

/** The input of a convolution with channels first, and its shape. */
interface ConvolutionInput {
  x: string;
  sides: readonly (number | null)[];
  channels: number;
  /** Whether the model's own order has channels first, too. */
  isFirst: boolean;
}

function inputOf({ graph, config, inputs: [value] }: LayerCall): ConvolutionInput {
  const { shape } = value!;
  return (config as unknown as ConvolutionSettings).dataFormat === 'channelsFirst'
    ? { x: graph.inOrder(value!), sides: shape.slice(2), channels: shape[1]!, isFirst: true }
    : {
        x: graph.withChannelsFirst(value!),
        sides: shape.slice(1, -1),
        channels: shape.at(-1)!,
        isFirst: false,
      };
}

/** Adds the activation of the layer. */
function finish(call: LayerCall, name: string, isFirst: boolean): GraphValue | string {
  const y = { name, shape: call.outputShape, channelsFirst: !isFirst };
  return activated(call.graph.graph, y, call.config.activation, `${call.path}/activation`);
}

interface Convolution {
  /** Kernel in ONNX's order: output channels, input channels of a group, sides. */
  kernel: WeightArray;
  bias?: WeightArray | undefined;
  group: number;
  settings: ConvolutionSettings;
}

/** Appends a node Conv and returns its output. */
function conv(
  { graph: { graph } }: LayerCall,
  { x, sides }: Pick<ConvolutionInput, 'x' | 'sides'>,
  { kernel, bias, group, settings: { strides, padding, dilationRate = 1 } }: Convolution,
  name: string,
): string {
  const window = kernel.dims.slice(2);
  const rates = [dilationRate].flat();
  const dilations = window.map((_, i) => rates[i] ?? rates[0]!);
  return graph.add(
    'Conv',
    [
      x,
      graph.floats(`${name}/kernel`, kernel.data, kernel.dims),
      ...(bias ? [graph.floats(`${name}/bias`, bias.data)] : []),
    ],
    name,
    {
      kernel_shape: window,
      strides,
      dilations,
      group,
      ...windowPadding({ sides, window, strides, dilations, padding }),
    },
  );
}

/** [sides..., input, output] becomes [output, input, sides...]. */
function convolutionKernel(kernel: WeightArray): WeightArray {
  const rank = kernel.dims.length - 2;
  return permuted(kernel, [rank + 1, rank, ...Array.from({ length: rank }, (_, i) => i)]);
}

/** [height, width, channels, multiplier] becomes [channels * multiplier, 1, height, width]. */
function depthwiseKernel(kernel: WeightArray): WeightArray {
  const { dims, data } = permuted(kernel, [2, 3, 0, 1]);
  return { dims: [dims[0]! * dims[1]!, 1, dims[2]!, dims[3]!], data };
}

function convolution(call: LayerCall): GraphValue | string {
  const { config, weights, path } = call;
  const input = inputOf(call);
  const name = conv(
    call,
    input,
    {
      kernel: convolutionKernel(weights.get('kernel')!),
      bias: weights.get('bias'),
      group: (config.groups as number | undefined) ?? 1,
      settings: config as unknown as ConvolutionSettings,
    },
    path,
  );
  return finish(call, name, input.isFirst);
}

function depthwise(call: LayerCall): GraphValue | string {
  const { config, weights, path } = call;
  const input = inputOf(call);
  const name = conv(
    call,
    input,
    {
      kernel: depthwiseKernel(weights.get('depthwise_kernel')!),
      bias: weights.get('bias'),
      group: input.channels,
      settings: config as unknown as ConvolutionSettings,
    },
    path,
  );
  return finish(call, name, input.isFirst);
}

function separable(call: LayerCall): GraphValue | string {
  const { config, weights, path } = call;
  const input = inputOf(call);
  const spread = conv(
    call,
    input,
    {
      kernel: depthwiseKernel(weights.get('depthwise_kernel')!),
      group: input.channels,
      settings: config as unknown as ConvolutionSettings,
    },
    `${path}/depthwise`,
  );
  const name = conv(
    call,
    { x: spread, sides: [] },
    {
      kernel: convolutionKernel(weights.get('pointwise_kernel')!),
      bias: weights.get('bias'),
      group: 1,
      settings: { strides: [1, 1], padding: 'valid' },
    },
    path,
  );
  return finish(call, name, input.isFirst);
}

/** TensorFlow's transposed convolution: the output has `stride` times as many pixels, or the rest of a window more. */
function transposed(call: LayerCall): GraphValue | string {
  const { graph, config, weights, path } = call;
  const { strides, padding } = config as unknown as ConvolutionSettings;
  const { x, isFirst } = inputOf(call);
  // [height, width, output, input] becomes [input, output, height, width].
  const kernel = permuted(weights.get('kernel')!, [3, 2, 0, 1]);
  const window = kernel.dims.slice(2);
  const beyond = window.map((side, i) => Math.max(side - strides[i]!, 0));
  const before = beyond.map((total) => (padding === 'same' ? Math.floor(total / 2) : 0));
  const after = beyond.map((total, i) => (padding === 'same' ? total - before[i]! : 0));
  const bias = weights.get('bias');
  const name = graph.graph.add(
    'ConvTranspose',
    [
      x,
      graph.graph.floats(`${path}/kernel`, kernel.data, kernel.dims),
      ...(bias ? [graph.graph.floats(`${path}/bias`, bias.data)] : []),
    ],
    path,
    {
      kernel_shape: window,
      strides,
      pads: [...before, ...after],
      output_padding: window.map((side, i) => Math.max(strides[i]! - side, 0)),
    },
  );
  return finish(call, name, isFirst);
}

export const convolutions: Readonly<Record<string, LayerTranslator>> = {
  Conv1D: convolution,
  Conv2D: convolution,
  Conv3D: convolution,
  KerasConv2D: convolution,
  DepthwiseConv2D: depthwise,
  KerasDepthwiseConv2D: depthwise,
  SeparableConv2D: separable,
  Conv2DTranspose: transposed,
};
