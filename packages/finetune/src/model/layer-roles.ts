import { withAncestors, type GraphStep, type GraphValue, type ModelGraph } from './model-graph.ts';
import { isNormalization, type LeafLayer, type ModelLayers } from './model-layers.ts';

/** The layers with each structural role in a model. See `LayerRole` for their meaning. */
export interface RoleLayers {
  readonly classifier: ReadonlySet<LeafLayer>;
  readonly norm: ReadonlySet<LeafLayer>;
  readonly 'last-norm': ReadonlySet<LeafLayer>;
}

/** Finds the roles from the graph alone, independent of names. */
export function findRoles(graph: ModelGraph, { leaves, leavesOf }: ModelLayers): RoleLayers {
  const classifierSteps = lastSteps(graph.outputs, (step) =>
    leavesOf(step.layer).some((leaf) => leaf.weights.length > 0 && !isNormalization(leaf)),
  );
  const before = withAncestors(classifierSteps);
  const depths = depthsBelowOutput(graph);

  let last: { norms: LeafLayer[]; depth: number } = { norms: [], depth: Infinity };
  for (const step of graph.steps) {
    const norms = leavesOf(step.layer).filter(isNormalization);
    const depth = depths.get(step) ?? Infinity;
    // `<=`: of two norms at the same depth, the later one wins.
    if (norms.length > 0 && before.has(step) && depth <= last.depth) last = { norms, depth };
  }
  return {
    classifier: new Set(
      [...classifierSteps].flatMap((step) =>
        leavesOf(step.layer).filter((leaf) => leaf.weights.length > 0),
      ),
    ),
    norm: new Set(leaves.filter((leaf) => leaf.isNorm)),
    'last-norm': new Set(last.norms),
  };
}

/** The first steps for which `stop` is true, going back from each output. */
function lastSteps(
  outputs: readonly GraphValue[],
  stop: (step: GraphStep) => boolean,
): Set<GraphStep> {
  const seen = new Set<GraphStep>();
  const result = new Set<GraphStep>();
  const queue = [...outputs];
  for (const { step } of queue) {
    if (step === null || seen.has(step)) continue;
    seen.add(step);
    if (stop(step)) result.add(step);
    else queue.push(...step.inputs);
  }
  return result;
}

/** For each step, the length of its longest path to an output, which is how Keras counts depth. */
function depthsBelowOutput({ steps }: ModelGraph): Map<GraphStep, number> {
  const depths = new Map<GraphStep, number>();
  for (const step of steps.toReversed()) {
    const depth = depths.get(step) ?? 0;
    depths.set(step, depth);
    for (const { step: before } of step.inputs) {
      if (before !== null) depths.set(before, Math.max(depths.get(before) ?? 0, depth + 1));
    }
  }
  return depths;
}
