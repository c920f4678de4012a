import { DataType } from '../graph-backend.ts';
import { Graph, type GraphNode, type Output, specOf } from '../graph-node.ts';
import type { RecordedFunction } from '../record-function.ts';
import type { LibraryFunction, Signature } from './saved-model-proto.ts';

/**
 * Ops before an exported function that compute one of its arguments from another input, and a signature
 * that uses them. `serving_default` does not.
 */
export interface InputStage {
  /** Name of the signature. Its outputs have the names of the function's. */
  signature: string;
  /** Its input. The shape omits the first dimension, the number of examples; -1 is any size. */
  input: { name: string; dtype: 'uint8' | 'string'; shape: readonly number[] };
  /** The argument that it computes. */
  argument: string;
  /**
   * Whether `prepare` computes one example, without the first dimension. TensorFlow runs it for each example of
   * the input, several at a time. Default false.
   */
  perExample?: boolean;
  /** Adds ops. @returns the argument, float32 */
  prepare: (graph: Graph, input: Output) => Output;
  /** Adds ops after each output of the function. */
  finish?: (graph: Graph, output: Output) => Output;
}

/** Adds a stage to a graph whose function takes any number of examples. */
export function addInputStage(
  graph: Graph,
  { name, inputs, outputs }: RecordedFunction,
  stage: InputStage,
): { signature: Signature; functions: LibraryFunction[] } {
  const { input, argument, perExample = false, prepare, finish } = stage;
  const spec = { shape: [-1, ...input.shape], type: DataType[input.dtype] };
  const placeholder = graph.add(`${name}/${input.name}`, 'Placeholder', {
    attributes: [
      ['dtype', { kind: 'type', value: spec.type }],
      ['shape', { kind: 'shape', value: spec.shape }],
    ],
    outputs: [spec],
  });
  const given = { node: placeholder, index: 0 };
  const taken = inputs.get(argument)!;
  const functions: LibraryFunction[] = [];
  const prepared = perExample
    ? mapped(graph, given, stage, taken, functions)
    : prepare(graph, given);
  // Fed with the argument, the graph runs none of the ops before it.
  taken.op = 'PlaceholderWithDefault';
  taken.inputs = [prepared];
  const results = Array.from(outputs, ([output, node]) => {
    const result = { node, index: 0 };
    return [output, finish ? finish(graph, result) : result] as const;
  });
  return {
    signature: {
      inputs: new Map([[input.name, { output: given, shape: spec.shape }]]),
      outputs: new Map(
        results.map(([output, result]) => [
          output,
          { output: result, shape: [-1, ...specOf(result).shape.slice(1)] },
        ]),
      ),
    },
    functions,
  };
}

/** Runs the ops of a stage for each example. */
function mapped(
  graph: Graph,
  given: Output,
  { input, signature, prepare }: InputStage,
  argument: GraphNode,
  functions: LibraryFunction[],
): Output {
  const body = new Graph();
  const type = DataType[input.dtype];
  const example = body.add('example', '_Arg', { outputs: [{ shape: input.shape, type }] });
  const result = prepare(body, { node: example, index: 0 });
  const { shape, type: resultType } = argument.outputs[0]!;
  const name = `${signature}_example`;
  functions.push({ name, nodes: body.nodes, argument: example, result });
  const node = graph.add(`${signature}/examples`, 'MapDefun', {
    inputs: [given],
    attributes: [
      ['Targuments', { kind: 'types', value: [type] }],
      ['Tcaptured', { kind: 'types', value: [] }],
      ['output_types', { kind: 'types', value: [resultType] }],
      ['output_shapes', { kind: 'shapes', value: [shape.slice(1)] }],
      ['f', { kind: 'function', value: name }],
      // TensorFlow's own number of threads.
      ['max_intra_op_parallelism', { kind: 'int', value: 0 }],
    ],
    outputs: [{ shape: [-1, ...shape.slice(1)], type: resultType }],
  });
  return { node, index: 0 };
}
