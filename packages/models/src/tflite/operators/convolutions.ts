import type { OnnxNode } from '../../onnx/graph/onnx-graph.ts';
import { permuted } from '../../onnx/layer-call.ts';
import { CHANNELS_LAST, type Lowering, naturalOrder, type NodeTranslator } from '../lowering.ts';
import { fusedActivations } from '../schema.ts';
import { floats, type TfliteTensor } from '../tflite-graph.ts';
import { imageOf, windowOf } from './window.ts';

/** The numbers of a float32 constant. */
function floatData(lowering: Lowering, name: string): Float32Array {
  return lowering.at(name).tensor.data as Float32Array;
}

function biasOf(node: OnnxNode, lowering: Lowering, channels: number): TfliteTensor {
  const given = node.inputs[2];
  return floats(
    `${node.name}/bias`,
    given === undefined ? new Float32Array(channels) : floatData(lowering, given),
    [channels],
  );
}

const conv: NodeTranslator = (node, lowering) => {
  const kernelName = node.inputs[1]!;
  const image = imageOf(node, lowering);
  if (typeof image === 'string') return image;
  const { attributes, place } = image;
  const [outputs, perGroup, ...window] = lowering.shapeOf(kernelName) as [
    number,
    number,
    ...number[],
  ];
  // A row is an image of height 1.
  const kernelShape = [outputs, perGroup, ...(window.length === 1 ? [1] : []), ...window];
  const group = attributes.group as number;
  const channels = perGroup * group;
  const [dilationHFactor, dilationWFactor] = attributes.dilations as [number, number];
  const { x, options, sides } = windowOf({ ...node, attributes }, lowering, image.x);
  const isDepthwise = perGroup === 1 && group > 1;
  const kernel = { dims: kernelShape, data: floatData(lowering, kernelName) };
  // Depthwise: 1, height, width, channels. Others: output channels, height, width, input channels.
  const turned = permuted(kernel, isDepthwise ? [1, 2, 3, 0] : [0, 2, 3, 1]);
  const output = lowering.target.add(
    isDepthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D',
    [x, floats(`${node.name}/kernel`, turned.data, turned.dims), biasOf(node, lowering, outputs)],
    node.name,
    [x.shape[0]!, ...sides, outputs],
    {
      ...options,
      ...(isDepthwise && { depthMultiplier: outputs / channels }),
      dilationHFactor,
      dilationWFactor,
      fusedActivationFunction: fusedActivations.none,
    },
  );
  place(output);
  return undefined;
};

/** Of two computed values: of the matrices in their last two axes. */
const product: NodeTranslator = (node, lowering) => {
  const [a, b] = node.inputs.map((name) => lowering.natural(name)) as [TfliteTensor, TfliteTensor];
  const shape = [...a.shape.slice(0, -1), b.shape.at(-1)!];
  const output = lowering.target.add('BATCH_MATMUL', [a, b], node.name, shape, {
    adjX: false,
    adjY: false,
  });
  lowering.place(node.outputs[0]!, output, naturalOrder(shape.length));
  return undefined;
};

/** A dense layer; `keepNumDims`: of the last of more than two axes. */
function dense(keepNumDims: boolean): NodeTranslator {
  return (node, lowering) => {
    const [given, kernelName] = node.inputs as [string, string];
    if (!lowering.isConstant(kernelName)) return product(node, lowering);
    const [inputs, outputs] = lowering.shapeOf(kernelName) as [number, number];
    const x = lowering.natural(given);
    const kernel = { dims: [inputs, outputs], data: floatData(lowering, kernelName) };
    const turned = permuted(kernel, [1, 0]);
    const output = lowering.target.add(
      'FULLY_CONNECTED',
      [x, floats(`${node.name}/kernel`, turned.data, turned.dims), biasOf(node, lowering, outputs)],
      node.name,
      [...x.shape.slice(0, -1), outputs],
      { keepNumDims, fusedActivationFunction: fusedActivations.none },
    );
    lowering.place(node.outputs[0]!, output, naturalOrder(x.shape.length));
    return undefined;
  };
}

/**
 * Batch normalisation that could not be multiplied into the layer before it: a depthwise convolution
 * of one pixel, whose numbers have a scale per channel in 8 bits.
 */
const batchNormalization: NodeTranslator = (node, lowering) => {
  const [gamma, beta, mean, variance] = node.inputs
    .slice(1)
    .map((name) => floatData(lowering, name));
  const { float: epsilon } = node.attributes.epsilon as { float: number };
  const scale = Array.from(gamma!, (factor, i) => factor / Math.sqrt(variance![i]! + epsilon));
  const offset = scale.map((factor, i) => beta![i]! - mean![i]! * factor);
  const { order } = lowering.at(node.inputs[0]!);
  const channels = scale.length;
  const fusedActivationFunction = fusedActivations.none;
  if (order.length === 4) {
    const x = lowering.ordered(node.inputs[0]!, CHANNELS_LAST);
    const constants = [
      floats(`${node.name}/scale`, scale, [1, 1, 1, channels]),
      floats(`${node.name}/offset`, offset, [channels]),
    ];
    const output = lowering.target.add('DEPTHWISE_CONV_2D', [x, ...constants], node.name, x.shape, {
      padding: 1,
      strideW: 1,
      strideH: 1,
      depthMultiplier: 1,
      dilationHFactor: 1,
      dilationWFactor: 1,
      fusedActivationFunction,
    });
    lowering.place(node.outputs[0]!, output, CHANNELS_LAST);
    return undefined;
  }
  const { tensor: x } = lowering.at(node.inputs[0]!);
  const shape = order.map((axis) => (axis === 1 ? channels : 1));
  const scaled = lowering.target.add(
    'MUL',
    [x, floats(`${node.name}/scale`, scale, shape)],
    `${node.name}/scaled`,
    x.shape,
    { fusedActivationFunction },
  );
  const output = lowering.target.add(
    'ADD',
    [scaled, floats(`${node.name}/offset`, offset, shape)],
    node.name,
    x.shape,
    { fusedActivationFunction },
  );
  lowering.place(node.outputs[0]!, output, order);
  return undefined;
};

export const convolutions: Readonly<Record<string, NodeTranslator>> = {
  BatchNormalization: batchNormalization,
  Conv: conv,
  Gemm: dense(false),
  MatMul: dense(true),
};
