import type { GraphNode } from '../graph-node.ts';

/** The nodes that take outputs of a node, once per use. */
export function consumersOf(nodes: readonly GraphNode[]): Map<GraphNode, GraphNode[]> {
  const consumers = new Map<GraphNode, GraphNode[]>(nodes.map((node) => [node, []]));
  for (const consumer of nodes)
    for (const { node } of consumer.inputs) consumers.get(node)!.push(consumer);
  return consumers;
}
