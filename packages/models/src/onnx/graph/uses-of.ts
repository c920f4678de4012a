import type { OnnxGraph } from './onnx-graph.ts';

/** How often each value is read, by nodes or as an output of the graph. */
export function usesOf({ nodes, outputs }: OnnxGraph): Map<string, number> {
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs.map(({ name }) => name)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}

/** Removes the constants that nothing reads. */
export function dropUnusedConstants(graph: OnnxGraph): void {
  const uses = usesOf(graph);
  for (const name of graph.constants.keys()) if (!uses.has(name)) graph.constants.delete(name);
}
