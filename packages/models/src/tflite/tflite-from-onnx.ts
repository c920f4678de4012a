import { FixresModelsError } from '../errors.ts';
import type { OnnxGraph } from '../onnx/graph/onnx-graph.ts';
import { foldGelu } from './fold-gelu.ts';
import { Lowering, naturalOrder, type NodeTranslator } from './lowering.ts';
import { activations } from './operators/activations.ts';
import { convolutions } from './operators/convolutions.ts';
import { elementwise } from './operators/elementwise.ts';
import { lookups } from './operators/lookups.ts';
import { poolings } from './operators/pooling.ts';
import { reductions } from './operators/reductions.ts';
import { resizings } from './operators/resizing.ts';
import { shapes } from './operators/shapes.ts';
import type { TfliteGraph, TfliteTensor } from './tflite-graph.ts';

/** By ONNX operator. Others are refused. */
const translators: Readonly<Record<string, NodeTranslator>> = {
  ...activations,
  ...convolutions,
  ...elementwise,
  ...lookups,
  ...poolings,
  ...reductions,
  ...resizings,
  ...shapes,
};

export interface TfliteFromOnnxOptions {
  /** Height and width of an input whose sides the graph leaves free. */
  sides?: readonly [height: number, width: number] | undefined;
}

/**
 * Translates the ONNX graph of a model (see onnxFromModel) to the operators of TensorFlow Lite, with
 * channels last. Inputs and outputs keep their names, types and order of axes. The batch is one
 * image; programs that can resize inputs may change it.
 *
 * @param graph float32, with an input whose channels are last; not changed
 * @throws FixresModelsError `unsupported-model` naming the first layer that cannot be translated
 */
export function tfliteFromOnnx(
  graph: OnnxGraph,
  { sides }: TfliteFromOnnxOptions = {},
): TfliteGraph {
  const lowering = new Lowering(graph);
  const { target } = lowering;
  for (const { name, dims } of graph.inputs) {
    const tensor: TfliteTensor = {
      name,
      type: 'float32',
      shape: dims.map((dim, i) =>
        typeof dim === 'number' ? dim : i === 0 ? 1 : sideOf(name, sides?.[i - 1]),
      ),
    };
    lowering.place(name, tensor, naturalOrder(dims.length));
    target.inputs.push(tensor);
  }
  for (const node of foldGelu(graph)) {
    const translate = translators[node.op];
    const reason = translate
      ? translate(node, lowering)
      : `needs the operator ${node.op} of ONNX, which is not supported`;
    if (reason === undefined) continue;
    const { path = node.name, className = node.op } = node.layer ?? {};
    throw new FixresModelsError(
      'unsupported-model',
      `Layer "${path}" (${className}) cannot be exported to TFLite: it ${reason}.`,
    );
  }
  for (const { name } of graph.outputs) {
    const computed = lowering.natural(name);
    // A graph needs an operator between its input and its output.
    if (target.inputs.includes(computed) || target.outputs.includes(computed))
      lowering.reshape(name, name, computed.shape);
    const output = lowering.natural(name);
    output.name = name;
    target.outputs.push(output);
  }
  return target;
}

function sideOf(name: string, side: number | undefined): number {
  if (side !== undefined) return side;
  throw new FixresModelsError(
    'unsupported-model',
    `Input "${name}" has no fixed height and width, which TFLite needs; the model has no contract that states them.`,
  );
}
