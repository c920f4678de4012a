import { relativeError } from './compare.ts';
import { OnnxGraph } from '../../src/onnx/index.ts';
import { FixresModelsError } from '../../src/errors.ts';
import { openTflite } from '../../src/node/litert-session.ts';
import { encodeTflite, TfliteGraph, tfliteFromOnnx } from '../../src/tflite/index.ts';
import type * as tf from '@tensorflow/tfjs-core';

/** Runs a graph in LiteRT on float32 inputs, in the order of the graph's inputs. */
export async function runTflite(
  graph: TfliteGraph,
  inputs: readonly tf.Tensor[],
): Promise<Float32Array[]> {
  const session = await openTflite(encodeTflite(graph), import.meta.url);
  try {
    return await session.run(inputs.map((input) => Float32Array.from(input.dataSync())));
  } finally {
    await session.close();
  }
}

/** The same graph with other inputs. */
function withInputs(graph: OnnxGraph, inputs: OnnxGraph['inputs']): OnnxGraph {
  const changed = new OnnxGraph();
  const { nodes, outputs } = graph;
  Object.assign(changed, { inputs, nodes, outputs, constants: graph.constants });
  return changed;
}

/** One model in ONNX, with its inputs, and with the outputs that another program computed. */
export interface ComparedGraph {
  name: string;
  className: string;
  graph: OnnxGraph;
  inputs: readonly tf.Tensor[];
  outputs: readonly { shape: number[]; values: number[] }[];
}

/**
 * Translates graphs to TFLite and runs all in one session of LiteRT.
 *
 * @returns descriptions of wrong outputs, and the classes that are refused, by reason
 */
export async function compareInLiteRt(
  compared: readonly ComparedGraph[],
): Promise<{ count: number; wrong: string[]; refused: Map<string, Set<string>> }> {
  const joined = new TfliteGraph();
  const refused = new Map<string, Set<string>>();
  const translated = compared.filter(({ className, graph, inputs }, i) => {
    const given = graph.inputs.map((input, j) => ({ ...input, dims: inputs[j]!.shape }));
    try {
      const single = tfliteFromOnnx(withInputs(graph, given));
      for (const tensor of [...single.inputs, ...single.outputs])
        tensor.name = `${i}/${tensor.name}`;
      for (const part of ['inputs', 'outputs'] as const) joined[part].push(...single[part]);
      joined.ops.push(...single.ops);
      return true;
    } catch (error) {
      if (!(error instanceof FixresModelsError)) throw error;
      const [, reason] = /^Layer ".*" \(\w+\) cannot be exported to TFLite: it (.*)\.$/.exec(
        error.message,
      )!;
      refused.set(reason!, (refused.get(reason!) ?? new Set()).add(className));
      return false;
    }
  });
  const results = await runTflite(
    joined,
    translated.flatMap(({ inputs }) => inputs),
  );
  const wrong: string[] = [];
  for (const { name, outputs } of translated)
    for (const { values, shape } of outputs) {
      const data = results.shift()!;
      const { shape: own } = joined.outputs.shift()!;
      const error = values.every((value) => value === 0)
        ? Math.max(...data.map(Math.abs))
        : relativeError(data, values);
      if (own.join() !== shape.join() || !(error < 1e-5))
        wrong.push(`${name}: [${own.join()}] for [${shape.join()}], off by ${error}`);
    }
  return { count: translated.length, wrong, refused };
}
