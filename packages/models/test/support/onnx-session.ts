import { encodeOnnx, OnnxGraph } from '../../src/onnx/index.ts';
import type * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';

/** Runs a graph with ONNX Runtime on float32 inputs, in the order of the graph's inputs. */
export async function runOnnx(graph: OnnxGraph, inputs: readonly tf.Tensor[]): Promise<Tensor[]> {
  const session = await InferenceSession.create(encodeOnnx(graph), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const feeds = graph.inputs.map(
      ({ name }, i) =>
        [
          name,
          new Tensor('float32', inputs[i]!.dataSync() as Float32Array, inputs[i]!.shape),
        ] as const,
    );
    const results = await session.run(Object.fromEntries(feeds));
    return graph.outputs.map(({ name }) => results[name]!);
  } finally {
    await session.release();
  }
}

/** Several graphs side by side in one. */
export function joinedGraphs(graphs: readonly OnnxGraph[]): OnnxGraph {
  const joined = new OnnxGraph();
  for (const [i, graph] of graphs.entries()) {
    const named = <Named extends { name: string }>(each: Named): Named => ({
      ...each,
      name: `${i}/${each.name}`,
    });
    const all = (names: readonly string[]): string[] =>
      names.map((name) => (name === '' ? '' : `${i}/${name}`));
    joined.inputs.push(...graph.inputs.map(named));
    joined.outputs.push(...graph.outputs.map(named));
    for (const [name, constant] of graph.constants) joined.constants.set(`${i}/${name}`, constant);
    joined.nodes.push(
      ...graph.nodes.map((node) => ({
        ...named(node),
        inputs: all(node.inputs),
        outputs: all(node.outputs),
      })),
    );
  }
  return joined;
}
