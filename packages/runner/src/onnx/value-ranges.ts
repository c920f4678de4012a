import { OnnxGraph } from '@fixres/models/onnx';
import type { ValueRange } from '../quantisation/value-range.ts';

/**
 * Runs a graph on batches of calibration images. For each batch, returns the numbers of all outputs
 * by name.
 */
export type RunCalibration = (
  graph: OnnxGraph,
) => AsyncIterable<Readonly<Record<string, ArrayLike<number>>>>;

/**
 * The ranges of values of a graph over all calibration images. The graph is not changed.
 *
 * @param names of the values
 */
export async function valueRanges(
  graph: OnnxGraph,
  names: readonly string[],
  run: RunCalibration,
): Promise<Map<string, ValueRange>> {
  const measured = new OnnxGraph();
  measured.inputs = graph.inputs;
  measured.nodes = [...graph.nodes];
  for (const [name, constant] of graph.constants) measured.constants.set(name, constant);
  const outputs = new Map(
    names.map((name) => [
      name,
      (['Min', 'Max'] as const).map((op) =>
        measured.add(`Reduce${op}`, [name], `measured/${op}/${name}`, { keepdims: 0 }),
      ),
    ]),
  );
  measured.outputs = [...outputs.values()]
    .flat()
    .map((name) => ({ name, type: 'float32', dims: [] }));
  const ranges = new Map<string, ValueRange>();
  for await (const batch of run(measured))
    for (const [name, [least, most]] of outputs) {
      const { low, high } = ranges.get(name) ?? { low: Infinity, high: -Infinity };
      ranges.set(name, {
        low: Math.min(low, batch[least!]![0]!),
        high: Math.max(high, batch[most!]![0]!),
      });
    }
  return ranges;
}
