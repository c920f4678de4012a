import type { JsonValue } from '../card/json-value.ts';

/**
 * One operation of a model, as its configuration describes it. Models within models are opened, activations of layers stand by
 * themselves, and what does nothing in prediction (dropout, augmentation) is left out.
 */
export interface GraphNode {
  /** Class of the layer or function in Keras: `Conv2D`, `TrueDivide`; `Activation` for all activations; `Input`. */
  readonly op: string;
  /** What bears on the result of a prediction, defaults filled in. */
  readonly settings: Readonly<Record<string, JsonValue>>;
  readonly inputs: readonly GraphNode[];
  /** Name of the layer. */
  readonly layer: string;
  /** Where `.weights.h5` has the layer's arrays, for example `layers/functional/layers/conv2d_1`. */
  readonly path: string;
}

/** What a model computes, of one image batch. */
export interface ModelGraph {
  readonly output: GraphNode;
  /** `[height, width, channels]` of the input; null for a variable side. */
  readonly inputShape: readonly (number | null)[];
}
