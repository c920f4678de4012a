import type { OnnxGraph, OnnxNode } from '@fixres/models/onnx';
import { halfOf } from '../quantisation/half-of.ts';

/** The operator Cast takes types by their codes in `onnx.proto`. */
const FLOAT32 = 1;
const FLOAT16 = 10;

/** Inputs of operators that stay in single precision, by position. */
const singleInputs: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [1, 2, 3, 4],
  Resize: [1, 2],
};

/** What may follow the softmax at the end. */
const changesNoNumber = new Set(['Flatten', 'Identity', 'Reshape', 'Transpose']);

/**
 * Converts the weights of a graph to half precision. Inputs and outputs stay float32, and so does a
 * softmax at the end. Runtimes compute in half precision if their hardware can.
 *
 * @param graph is changed
 * @throws FixresRunnerError `bad-option` if a weight is too large for half precision
 */
export function toHalfPrecision(graph: OnnxGraph): void {
  const single = new Set(
    graph.nodes.flatMap(({ op, inputs }) => (singleInputs[op] ?? []).map((i) => inputs[i])),
  );
  for (const [name, { type, dims, data }] of graph.constants) {
    if (type !== 'float32' || single.has(name)) continue;
    graph.constants.set(name, { type: 'float16', dims, data: halfOf(name, data) });
  }
  const nodes = graph.nodes;
  graph.nodes = [];
  for (const { name } of graph.inputs) {
    const half = graph.add('Cast', [name], `${name}/half`, { to: FLOAT16 });
    for (const node of nodes)
      node.inputs = node.inputs.map((input) => (input === name ? half : input));
  }
  const model = graph.nodes.concat(nodes);
  const first = new Set(graph.outputs.map(({ name }) => firstInSinglePrecision(name, model)));
  graph.nodes = [];
  for (const node of model) {
    if (first.has(node)) {
      const [x, ...others] = node.inputs;
      node.inputs = [graph.add('Cast', [x!], `${node.name}/single`, { to: FLOAT32 }), ...others];
    }
    graph.nodes.push(node);
  }
}

/** The softmax at the end of a graph, or the node of the output itself if there is none. */
function firstInSinglePrecision(output: string, nodes: readonly OnnxNode[]): OnnxNode {
  const writers = new Map(nodes.map((node) => [node.outputs[0]!, node]));
  const own = writers.get(output)!;
  for (let node = own; ;) {
    const [x] = node.inputs;
    const before = writers.get(x!);
    // A second reader expects half precision.
    const isShared = nodes.filter(({ inputs }) => inputs.includes(x!)).length > 1;
    if (before?.op === 'Softmax' && !isShared) return before;
    if (before === undefined || isShared || !changesNoNumber.has(before.op)) return own;
    node = before;
  }
}
