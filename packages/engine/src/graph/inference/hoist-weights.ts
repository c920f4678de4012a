import { DataType } from '../graph-backend.ts';
import { type Graph, type GraphNode, type Output, specOf } from '../graph-node.ts';
import { FixedNodes } from './fixed-nodes.ts';

/**
 * Computes what functions derive from weights alone (folded filters, casts to bfloat16) once per
 * assignment of the weights instead of in every run. The results are variables that all functions
 * share. Weights that a function of the graph writes stay as they are.
 *
 * @returns the node to run after variables were assigned; undefined if nothing is derived
 */
export function hoistWeights(graph: Graph): GraphNode | undefined {
  const fixed = new FixedNodes(graph.nodes);
  const hoisted = new Map<string, HoistedWeight>();
  const taken = (input: Output): Output => {
    const { node } = input;
    if (!fixed.isWeight(input) || node.op === 'ReadVariableOp') return input;
    // A reshape costs nothing, so it is not worth another copy.
    if (node.op === 'Reshape') return reshapedAgain(graph, input, taken(node.inputs[0]!));
    const key = keyOf(input);
    let weight = hoisted.get(key);
    if (weight === undefined) {
      weight = hoist(graph, `hoisted_${hoisted.size}`, input);
      hoisted.set(key, weight);
    }
    return weight.read;
  };
  for (const node of [...graph.nodes])
    if (!fixed.isWeight({ node, index: 0 })) node.inputs = node.inputs.map(taken);
  if (hoisted.size === 0) return undefined;
  return graph.add('hoisted', 'Identity', {
    // A run must fetch an output, and an assignment has none.
    inputs: [graph.ints([0])],
    controls: Array.from(hoisted.values(), ({ assign }) => assign),
    attributes: [['T', { kind: 'type', value: DataType.int32 }]],
    outputs: [{ shape: [1], type: DataType.int32 }],
  });
}

/** A variable with a value that is derived from weights. */
interface HoistedWeight {
  read: Output;
  assign: GraphNode;
}

function hoist(graph: Graph, name: string, value: Output): HoistedWeight {
  const { shape, type } = specOf(value);
  const dtype = [['dtype', { kind: 'type', value: type }]] as const;
  const handle = graph.add(name, 'VarHandleOp', {
    attributes: [
      ...dtype,
      ['shape', { kind: 'shape', value: shape }],
      ['shared_name', { kind: 'string', value: name }],
      ['container', { kind: 'string', value: '' }],
    ],
    outputs: [{ shape: [], type: DataType.resource }],
  });
  const assign = graph.add(`${name}/assign`, 'AssignVariableOp', {
    inputs: [{ node: handle, index: 0 }, value],
    attributes: dtype,
  });
  const read = graph.add(`${name}/read`, 'ReadVariableOp', {
    inputs: [{ node: handle, index: 0 }],
    attributes: dtype,
    outputs: [{ shape, type }],
  });
  return { assign, read: { node: read, index: 0 } };
}

function reshapedAgain(graph: Graph, reshaped: Output, from: Output): Output {
  const { name, inputs, attributes, outputs } = reshaped.node;
  if (inputs[0] === from) return reshaped;
  const node = graph.add(name, 'Reshape', { inputs: [from, inputs[1]!], attributes, outputs });
  return { node, index: 0 };
}

/** Equal for outputs that are computed in the same way from the same variables and constants. */
function keyOf({ node, index }: Output): string {
  if (node.op === 'Const') return node.name;
  if (node.op === 'ReadVariableOp') return node.inputs[0]!.node.name;
  const attributes = Array.from(node.attributes, ([name, { value }]) => [name, value]);
  return `${node.op}${JSON.stringify(attributes)}(${node.inputs.map(keyOf).join()}):${index}`;
}
