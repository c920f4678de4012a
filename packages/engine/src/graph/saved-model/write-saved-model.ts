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
import { addInputStage, type InputStage } from './input-stage.ts';
import { savedModelBytes, type Signature } from './saved-model-proto.ts';

/**
 * Inputs of an exported function. Their shapes omit the first dimension, the number of examples.
 */
export type ExampleInputs = Readonly<Record<string, InputSpec>>;

/**
 * Writes a function of tensors and tf.Variables as a TensorFlow SavedModel for any number of
 * examples, including the current values of the variables. Run it with
 * `tf.saved_model.load(folder).signatures['serving_default']` in Python or with
 * `tf.node.loadSavedModel`. The folder appears completely or not at all.
 *
 * @param stage adds a signature with another input
 * @throws FixresEngineError `not-compilable`, also if the number of examples affects anything but a
 * reshape or the function changes variables; `engine-unavailable`
 */
export async function writeSavedModel(
  folder: string,
  inputs: ExampleInputs,
  run: TensorFunction,
  stage?: InputStage,
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
  // Two numbers unlikely to occur as a dimension of a layer.
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
  const signatures = new Map([['serving_default', signatureOf(recorded)]]);
  const staged = stage && addInputStage(graph, recorded, stage);
  if (staged) signatures.set(stage.signature, staged.signature);
  const nodes = graph.nodes.filter(({ op }) => op !== 'VarHandleOp');
  const bytes = savedModelBytes({ nodes, functions: staged?.functions ?? [], signatures });

  // With a trailing slash, an appended suffix would become a name inside the folder.
  const target = resolve(folder);
  const partial = `${target}.${process.pid}.partial`;
  try {
    // Loaders expect a folder of variables even if there are none.
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
