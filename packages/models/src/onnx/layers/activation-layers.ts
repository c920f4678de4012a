import {
  channelsPermutation,
  graphAxis,
  type GraphValue,
  type LayerCall,
  type LayerTranslator,
  permuted,
  type WeightArray,
} from '../layer-call.ts';
import { activated, clip } from './activations.ts';

/** A layer without weights that computes each number, or each row of channels, by itself. */
function pointwise(op: string, attribute?: { name: string; setting: string }): LayerTranslator {
  return ({ graph: { graph }, path, config, inputs: [x] }) => {
    const attributes = attribute && {
      [attribute.name]: { float: config[attribute.setting] as number },
    };
    return { ...x!, name: graph.add(op, [x!.name], path, attributes) };
  };
}

function relu({ graph: { graph }, path, config, inputs: [x] }: LayerCall): GraphValue {
  const most = config.maxValue as number | null | undefined;
  return {
    ...x!,
    name:
      typeof most === 'number'
        ? clip(graph, x!.name, [0, most], path)
        : graph.add('Relu', [x!.name], path),
  };
}

/** Keras's ReLU with all its arguments: see KerasReLU. */
function kerasRelu({ graph: { graph }, path, config, inputs: [x] }: LayerCall): GraphValue {
  const { maxValue, negativeSlope, threshold } = config as {
    maxValue: number | null;
    negativeSlope: number;
    threshold: number;
  };
  const above = graph.add('ThresholdedRelu', [x!.name], `${path}/above`, {
    alpha: { float: threshold },
  });
  const clipped = maxValue === null ? above : clip(graph, above, [0, maxValue], `${path}/clipped`);
  const distance = graph.add(
    'Sub',
    [graph.floats(`${path}/threshold`, [threshold], []), x!.name],
    `${path}/distance`,
  );
  const below = graph.add('Relu', [distance], `${path}/below`);
  const slope = graph.floats(`${path}/slope`, [negativeSlope], []);
  const falling = graph.add('Mul', [below, slope], `${path}/falling`);
  return { ...x!, name: graph.add('Sub', [clipped, falling], path) };
}

function prelu({ graph, path, inputs: [x], weights }: LayerCall): GraphValue {
  const { dims, data } = weights.get('alpha')!;
  const slopes: WeightArray = { dims: [1, ...dims], data };
  const slope = x!.channelsFirst ? permuted(slopes, channelsPermutation(dims.length + 1)) : slopes;
  const constant = graph.graph.floats(`${path}/alpha`, slope.data, slope.dims.slice(1));
  return { ...x!, name: graph.graph.add('PRelu', [x!.name, constant], path) };
}

function softmax({ graph: { graph }, path, config, inputs: [x] }: LayerCall): GraphValue {
  const axes = [config.axis as number | number[]].flat().map((axis) => graphAxis(x!, axis));
  if (axes.length === 1)
    return { ...x!, name: graph.add('Softmax', [x!.name], path, { axis: axes[0]! }) };
  const sum = graph.add(
    'ReduceLogSumExp',
    [x!.name, graph.integers(`${path}/axes`, axes)],
    `${path}/log_sum`,
  );
  const logits = graph.add('Sub', [x!.name, sum], `${path}/logarithm`);
  return { ...x!, name: graph.add('Exp', [logits], path) };
}

export const activationLayers: Readonly<Record<string, LayerTranslator>> = {
  Activation: ({ graph, path, config, inputs: [x] }) =>
    activated(graph.graph, x!, config.activation, path),
  ReLU: relu,
  KerasReLU: kerasRelu,
  LeakyReLU: pointwise('LeakyRelu', { name: 'alpha', setting: 'alpha' }),
  ELU: pointwise('Elu', { name: 'alpha', setting: 'alpha' }),
  KerasELU: pointwise('Elu', { name: 'alpha', setting: 'alpha' }),
  ThresholdedReLU: pointwise('ThresholdedRelu', { name: 'alpha', setting: 'theta' }),
  PReLU: prelu,
  Softmax: softmax,
  KerasSoftmax: softmax,
};
