import type { JsonValue } from '../card/json-value.ts';

/**
 * One operation of a model, as its configuration describes it. Nested models are expanded,
 * activations of layers are separate nodes, and layers that do nothing in prediction (dropout,
 * augmentation) are left out.
 */
export interface GraphNode {
  /**
   * Class of the layer or function in Keras: `Conv2D`, `TrueDivide`; `Activation` for all
   * activations; `Input`.
   */
  readonly op: string;
  /** Everything that affects the result of a prediction, with defaults filled in. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly inputs: readonly GraphNode[];
  /** Name of the layer. */
  readonly layer: string;
  /**
   * Path of the layer's arrays in `.weights.h5`, for example `layers/functional/layers/conv2d_1`.
   */
  readonly path: string;
}

/** The computation of a model, for one image batch. */
export interface ModelGraph {
  readonly output: GraphNode;
  /** `[height, width, channels]` of the input; null for a variable side. */
  readonly inputShape: readonly (number | null)[];
}

/** The nodes that an output depends on and itself, in the order of computation. */
export function allNodes(output: GraphNode): GraphNode[] {
  const seen = new Set<GraphNode>();
  const visit = (node: GraphNode): void => {
    if (seen.has(node)) return;
    for (const input of node.inputs) visit(input);
    seen.add(node);
  };
  visit(output);
  return [...seen];
}
