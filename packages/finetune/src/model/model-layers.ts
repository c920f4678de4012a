import * as tfl from '@tensorflow/tfjs-layers';
import { isPinned } from './pin-variable.ts';

type Layer = tfl.layers.Layer;

/**
 * A layer that computes something itself, unlike a nested model or a wrapper around another layer.
 */
export interface LeafLayer {
  readonly layer: Layer;
  /**
   * Its paths: names joined by `/`, without the outermost model's. A layer shared between nested
   * models has several.
   */
  readonly path: string;
  /**
   * All its names: its own name and paths, and those of its enclosing nested models and wrappers.
   */
  readonly aliases: ReadonlySet<string>;
  readonly className: string;
  /** Variables for the gradient (kernels, biases, gamma, beta), regardless of freezing. */
  readonly weights: readonly tfl.LayerVariable[];
  /** Variables that change only in a forward pass in training mode (running statistics). */
  readonly statistics: readonly tfl.LayerVariable[];
  /** Whether it is a batch normalisation, with `moving_mean` and `moving_variance`. */
  readonly isNorm: boolean;
}

/** All layers of a model, including nested ones, each once. */
export interface ModelLayers {
  readonly leaves: readonly LeafLayer[];
  /** Nested models and wrappers, outermost first, including the model itself. */
  readonly enclosing: readonly Layer[];
  /** The leaves of a layer: itself, or the layers inside. */
  readonly leavesOf: (layer: Layer) => readonly LeafLayer[];
}

/** Lists a model's layers in the model's order. Changes nothing and allocates no tensor. */
export function collectLayers(model: tfl.LayersModel): ModelLayers {
  const found = new Map<Layer, { paths: string[]; aliases: Set<string> }>();
  const enclosing = new Set<Layer>();

  const visit = (layer: Layer, prefix: string, around: readonly string[]): void => {
    const path = prefix + layer.name;
    const names = [...around, layer.name, path];
    const children = childLayers(layer);
    if (children !== undefined) {
      enclosing.add(layer);
      for (const child of children) visit(child, `${path}/`, names);
      return;
    }
    const entry = found.get(layer) ?? { paths: [], aliases: new Set() };
    entry.paths.push(path);
    for (const name of names) entry.aliases.add(name);
    found.set(layer, entry);
  };

  enclosing.add(model);
  for (const layer of model.layers) visit(layer, '', []);

  const leaves = new Map<Layer, LeafLayer>();
  for (const [layer, { paths, aliases }] of found)
    leaves.set(layer, leafLayer(layer, paths[0] ?? layer.name, aliases));
  const leavesOf = (layer: Layer): LeafLayer[] => {
    const leaf = leaves.get(layer);
    return leaf === undefined ? (childLayers(layer) ?? []).flatMap(leavesOf) : [leaf];
  };
  return { leaves: [...leaves.values()], enclosing: [...enclosing], leavesOf };
}

/** The layers of a nested model or inside a wrapper; undefined for any other layer. */
function childLayers(layer: Layer): Layer[] | undefined {
  if (layer instanceof tfl.LayersModel) return layer.layers;
  const inner: unknown = Reflect.get(layer, 'layer');
  // Bidirectional keeps the layer that it copied, but none of its variables, so it is a leaf.
  return inner instanceof tfl.layers.Layer && sameVariables(layer, inner) ? [inner] : undefined;
}

function sameVariables(a: Layer, b: Layer): boolean {
  const ours = new Set(a.weights);
  return ours.size === b.weights.length && b.weights.every((variable) => ours.has(variable));
}

function leafLayer(layer: Layer, path: string, aliases: Set<string>): LeafLayer {
  const { weights, statistics } = splitVariables(layer);
  const keeps = (name: string): boolean =>
    statistics.some((variable) => variable.originalName.endsWith(name));
  return {
    layer,
    path,
    aliases,
    className: layer.getClassName(),
    weights,
    statistics,
    isNorm: keeps('moving_mean') && keeps('moving_variance'),
  };
}

/**
 * The public lists depend on what is frozen, so everything is unfrozen for reading and then
 * restored.
 */
function splitVariables(layer: Layer): {
  weights: tfl.LayerVariable[];
  statistics: tfl.LayerVariable[];
} {
  const before = layer.trainable;
  const flags = layer.weights.map((variable) => [variable, variable.trainable] as const);
  layer.trainable = true;
  const open = new Set(layer.trainableWeights);
  const isWeight = (variable: tfl.LayerVariable): boolean =>
    open.has(variable) || isPinned(variable);
  const weights = layer.weights.filter(isWeight);
  const statistics = layer.weights.filter((variable) => !isWeight(variable));
  layer.trainable = before;
  for (const [variable, trainable] of flags) variable.trainable = trainable;
  return { weights, statistics };
}

/** Whether a layer normalises: batch normalisation, or layer normalisation, which has no statistics. */
export function isNormalization({ isNorm, className }: LeafLayer): boolean {
  return isNorm || className === 'LayerNormalization';
}

/** Count of numbers in these variables. */
export function countParameters(variables: readonly tfl.LayerVariable[]): number {
  return variables.reduce(
    (sum, { shape }) => sum + shape.reduce<number>((size, axis) => size * (axis ?? 1), 1),
    0,
  );
}
