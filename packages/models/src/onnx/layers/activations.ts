import type { OnnxGraph } from '../graph/onnx-graph.ts';
import { type GraphValue, graphAxis } from '../layer-call.ts';

/** Appends an activation function to the value `x`; `name` is wanted for its result. */
type Activation = (graph: OnnxGraph, x: GraphValue, name: string) => string;

function unary(op: string, attributes: Record<string, { float: number }> = {}): Activation {
  return (graph, x, name) => graph.add(op, [x.name], name, attributes);
}

function overChannels(op: string): Activation {
  return (graph, x, name) => graph.add(op, [x.name], name, { axis: graphAxis(x, -1) });
}

/** Clips to `low`..`high`. */
export function clip(
  graph: OnnxGraph,
  x: string,
  [low, high]: [number, number],
  name: string,
): string {
  const bounds = [graph.floats(`${name}/min`, [low], []), graph.floats(`${name}/max`, [high], [])];
  return graph.add('Clip', [x, ...bounds], name);
}

/** By the name that a layer stores: functions of tfjs, and Keras functions of this package. */
const activations: Readonly<Record<string, Activation>> = {
  elu: unary('Elu'),
  selu: unary('Selu'),
  relu: unary('Relu'),
  relu6: (graph, x, name) => clip(graph, x.name, [0, 6], name),
  sigmoid: unary('Sigmoid'),
  hardSigmoid: unary('HardSigmoid', { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  softplus: unary('Softplus'),
  softsign: unary('Softsign'),
  tanh: unary('Tanh'),
  softmax: overChannels('Softmax'),
  logSoftmax: overChannels('LogSoftmax'),
  swish: (graph, x, name) =>
    graph.add('Mul', [x.name, graph.add('Sigmoid', [x.name], `${name}/gate`)], name),
  mish: unary('Mish'),
  gelu: (graph, x, name) => {
    // The operator Gelu is in later operator sets only.
    const scaled = graph.add(
      'Mul',
      [x.name, graph.floats(`${name}/scale`, [Math.SQRT1_2], [])],
      `${name}/scaled`,
    );
    const sum = graph.add(
      'Add',
      [graph.add('Erf', [scaled], `${name}/erf`), graph.floats(`${name}/one`, [1], [])],
      `${name}/sum`,
    );
    const half = graph.add(
      'Mul',
      [x.name, graph.floats(`${name}/half`, [0.5], [])],
      `${name}/halved`,
    );
    return graph.add('Mul', [half, sum], name);
  },
  keras3HardSigmoid: unary('HardSigmoid', { alpha: { float: 1 / 6 }, beta: { float: 0.5 } }),
  hardSilu: unary('HardSwish'),
  exponential: unary('Exp'),
  leakyRelu: unary('LeakyRelu', { alpha: { float: 0.2 } }),
  celu: unary('Celu'),
  squareplus: (graph, x, name) => {
    const square = graph.add('Mul', [x.name, x.name], `${name}/square`);
    const sum = graph.add('Add', [square, graph.floats(`${name}/four`, [4], [])], `${name}/sum`);
    const root = graph.add('Sqrt', [sum], `${name}/root`);
    const both = graph.add('Add', [x.name, root], `${name}/both`);
    return graph.add('Mul', [both, graph.floats(`${name}/half`, [0.5], [])], name);
  },
  logSigmoid: (graph, x, name) => {
    const negative = graph.add('Neg', [x.name], `${name}/negative`);
    return graph.add('Neg', [graph.add('Softplus', [negative], `${name}/softplus`)], name);
  },
  hardTanh: (graph, x, name) => clip(graph, x.name, [-1, 1], name),
  tanhShrink: (graph, x, name) =>
    graph.add('Sub', [x.name, graph.add('Tanh', [x.name], `${name}/tanh`)], name),
  hardShrink: unary('Shrink', { lambd: { float: 0.5 }, bias: { float: 0 } }),
  softShrink: unary('Shrink', { lambd: { float: 0.5 }, bias: { float: 0.5 } }),
  sparseSigmoid: unary('HardSigmoid', { alpha: { float: 0.5 }, beta: { float: 0.5 } }),
  sparsePlus: (graph, x, name) => {
    // x above 1, and ((1 + x) / 2)^2 with x clipped to -1..1 below.
    const ramp = graph.add('HardSigmoid', [x.name], `${name}/ramp`, {
      alpha: { float: 0.5 },
      beta: { float: 0.5 },
    });
    const square = graph.add('Mul', [ramp, ramp], `${name}/square`);
    const above = graph.add('Sub', [x.name, graph.floats(`${name}/one`, [1], [])], `${name}/above`);
    return graph.add('Add', [square, graph.add('Relu', [above], `${name}/relu`)], name);
  },
};

/**
 * Appends an activation. `linear` adds nothing.
 *
 * @param activation its name in the configuration of a layer
 * @returns the result, or why the activation is refused
 */
export function activated(
  graph: OnnxGraph,
  x: GraphValue,
  activation: unknown,
  name: string,
): GraphValue | string {
  if (activation === 'linear') return x;
  const append = activations[activation as string];
  if (append === undefined) return `has the activation ${JSON.stringify(activation)}`;
  return { ...x, name: append(graph, x, name) };
}
