import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { FixresEngineError } from '../../errors.ts';
import { graphBackend } from '../graph-backend.ts';
import { Graph, type GraphNode, specOf } from '../graph-node.ts';
import { GraphVariables } from '../graph-variables.ts';
import {
  type InputSpec,
  recordFunction,
  type RecordedFunction,
  type TensorFunction,
} from '../record-function.ts';
import { openBatch } from './any-batch.ts';
import { savedModelBytes, type Signature } from './saved-model-proto.ts';

/** Inputs of an exported function, without the number of examples that comes first in each shape. */
export type ExampleInputs = Readonly<Record<string, InputSpec>>;

/**
 * Writes a function of tensors and tf.Variables as a TensorFlow SavedModel, for any number of examples, with the variables' present
 * values in it. `tf.saved_model.load(folder).signatures['serving_default']` in Python and `tf.node.loadSavedModel` run it. The folder
 * appears whole or not at all.
 *
 * @throws FixresEngineError `not-compilable`, also when the number of examples is part of something but a reshape, or the function
 * changes variables; `engine-unavailable`
 */
export async function writeSavedModel(
  folder: string,
  inputs: ExampleInputs,
  run: TensorFunction,
): Promise<void> {
  const backend = graphBackend();
  const record = (
    examples: number,
  ): { graph: Graph; recorded: RecordedFunction; variables: GraphVariables } => {
    const graph = new Graph();
    const variables = new GraphVariables(graph, backend);
    const sized = Object.entries(inputs).map(
      ([name, { shape, dtype }]) => [name, { shape: [examples, ...shape], dtype }] as const,
    );
    return {
      graph,
      variables,
      recorded: recordFunction('serve', Object.fromEntries(sized), run, {
        graph,
        variables,
        backend,
      }),
    };
  };
  // Two numbers that no layer has by chance in the same place of a shape.
  const { graph, recorded, variables } = record(2);
  openBatch(graph, record(3).graph);
  if (recorded.writes || variables.all.some(({ source }) => source.kind !== 'variable')) {
    throw new FixresEngineError(
      'not-compilable',
      'A function that changes variables, or reads those of an optimiser, cannot be exported.',
    );
  }

  const values = new Map<GraphNode, tf.TypedArray>();
  for (const { handle, source } of variables.all) {
    if (source.kind === 'variable') values.set(handle, source.variable.dataSync());
  }
  for (const node of graph.nodes)
    if (node.op === 'ReadVariableOp') becomeConstant(node, values.get(node.inputs[0]!.node)!);
  const nodes = graph.nodes.filter(({ op }) => op !== 'VarHandleOp');
  const bytes = savedModelBytes({
    nodes,
    signatures: new Map([['serving_default', signatureOf(recorded)]]),
  });

  // What is appended to a path that ends with a slash would be a name in the folder.
  const target = resolve(folder);
  const partial = `${target}.${process.pid}.partial`;
  try {
    // Loaders expect the folder of variables, even without any.
    await mkdir(join(partial, 'variables'), { recursive: true });
    await writeFile(join(partial, 'saved_model.pb'), bytes);
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

function becomeConstant(node: GraphNode, values: tf.TypedArray): void {
  const { shape, type } = node.outputs[0]!;
  node.op = 'Const';
  node.inputs = [];
  node.attributes.set('value', { kind: 'tensor', value: { shape, type, values: values } });
}

function signatureOf({ inputs, outputs }: RecordedFunction): Signature {
  const described = (nodes: ReadonlyMap<string, GraphNode>): Signature['inputs'] =>
    new Map(
      Array.from(nodes, ([name, node]) => {
        const output = { node, index: 0 };
        return [name, { output, shape: [-1, ...specOf(output).shape.slice(1)] }] as const;
      }),
    );
  return { inputs: described(inputs), outputs: described(outputs) };
}
