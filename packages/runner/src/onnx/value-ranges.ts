import { OnnxGraph } from '@fixres/models/onnx';
import { leastErrorRange } from '../quantisation/least-error-range.ts';
import type { ValueRange } from '../quantisation/value-range.ts';

/**
 * Runs a graph on batches of calibration images. For each batch, returns the numbers of all outputs
 * by name.
 */
export type RunCalibration = (
  graph: OnnxGraph,
) => AsyncIterable<Readonly<Record<string, ArrayLike<number>>>>;

/** About how many numbers of a value are looked at in each batch. */
const SAMPLE = 16_384;

/** Every how many numbers one is looked at, by how many samples a value has numbers for. */
const strides = Array.from({ length: 4096 }, (_, samples) =>
  // Sides of images are seldom multiples of a larger prime, so that the sample has all columns.
  samples < 4 ? 1 : primeFrom(Math.max(11, samples)),
);

/**
 * The ranges in which values of a graph are represented best, over all calibration images. The graph
 * is not changed.
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
  const sample = sampler(measured);
  const outputs = new Map(names.map((name) => [name, sample(name)]));
  measured.outputs = [...outputs.values()].map((name) => ({
    name,
    type: 'float32',
    dims: ['numbers'],
  }));
  const samples = new Map<string, Float32Array[]>(names.map((name) => [name, []]));
  for await (const batch of run(measured))
    for (const [name, output] of outputs)
      samples.get(name)!.push(Float32Array.from(batch[output]!));
  const useful = usefulRanges(graph);
  return new Map(
    [...samples].map(([name, parts]) => {
      const { low, high } = useful.get(name) ?? everything;
      const numbers = joined(parts).map((value) => Math.min(high, Math.max(low, value)));
      return [name, leastErrorRange(numbers)];
    }),
  );
}

/** Appends nodes that take evenly spaced numbers of a value, and returns the name of the list. */
function sampler(graph: OnnxGraph): (value: string) => string {
  const flat = graph.integers('measured/flat', [-1]);
  const size = graph.integers('measured/size', [SAMPLE]);
  const most = graph.integers('measured/most', [strides.length - 1]);
  const table = graph.integers('measured/strides', strides);
  const start = graph.integers('measured/start', [0]);
  const end = graph.integers('measured/end', [Number.MAX_SAFE_INTEGER]);
  return (value) => {
    const wanted = (part: string): string => `measured/${part}/${value}`;
    const list = graph.add('Reshape', [value, flat], wanted('list'));
    const count = graph.add('Size', [value], wanted('count'));
    const all = graph.add('Div', [count, size], wanted('samples'));
    const samples = graph.add('Min', [all, most], wanted('index'));
    const stride = graph.add('Gather', [table, samples], wanted('stride'));
    return graph.add('Slice', [list, start, end, start, stride], wanted('sample'));
  };
}

const everything: ValueRange = { low: -Infinity, high: Infinity };

/** What an activation needs of its input: all numbers beyond have the same result, or none changes. */
const usedBy: Readonly<Record<string, ValueRange>> = {
  // x * min(max(x + 3, 0), 6) / 6
  HardSwish: { low: -3, high: Infinity },
};

/** The parts of values that are needed, if it is not all of them. */
function usefulRanges({ nodes, outputs }: OnnxGraph): Map<string, ValueRange> {
  const useful = new Map<string, ValueRange>();
  for (const { op, inputs } of nodes)
    for (const name of inputs) {
      const { low, high } = usedBy[op] ?? everything;
      const others = useful.get(name) ?? { low: Infinity, high: -Infinity };
      useful.set(name, { low: Math.min(low, others.low), high: Math.max(high, others.high) });
    }
  for (const { name } of outputs) useful.delete(name);
  return useful;
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    all.set(part, end);
    end += part.length;
  }
  return all;
}

function primeFrom(least: number): number {
  const isPrime = (n: number): boolean => {
    for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
    return true;
  };
  let prime = least;
  while (!isPrime(prime)) prime++;
  return prime;
}
