import type { LayerGroup } from '@fixres/models';
import type { layers, LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';

/** An addition that ends a residual block. */
export interface ResidualBranch {
  /** The addition. */
  layer: layers.Layer;
  /** Which of its two inputs is the branch; the other is the shortcut. */
  input: 0 | 1;
  /** Depth of its block: 0 for the first block, 1 for the last. */
  depth: number;
}

/**
 * The residual branches of a model, from input to output: additions of two maps of one shape, of
 * which the branch has passed more layers. This finds them in any residual network, also in an
 * imported one.
 *
 * @param groups of the model; if they have blocks, these are counted, so that both branches of a
 * transformer's block have one depth, and blocks without a shortcut count too. Otherwise additions are
 * counted.
 */
export function residualBranches(
  model: LayersModel,
  groups: readonly LayerGroup[],
): ResidualBranch[] {
  const found = additionsOf(model, new Map());
  const blocks = groups.flatMap(({ name, layers: names, blocks: inside }) => {
    if (inside.length > 0) return inside.map((block) => new Set(block.layers));
    return /^block\d+$/.test(name) ? [new Set(names)] : [];
  });
  const places = found.map(({ layer }) => blocks.findIndex((block) => block.has(layer.name)));
  const isGrouped = places.every((place) => place >= 0);
  const last = Math.max(1, (isGrouped ? blocks.length : found.length) - 1);
  return found.map((branch, i) => ({ ...branch, depth: (isGrouped ? places[i]! : i) / last }));
}

function additionsOf(
  model: LayersModel,
  depths: Map<SymbolicTensor, number>,
): Omit<ResidualBranch, 'depth'>[] {
  return model.layers.flatMap((layer) => {
    if ('layers' in layer) return additionsOf(layer as LayersModel, depths);
    const inputs = layer.inboundNodes[0]?.inputTensors ?? [];
    if (layer.getClassName() !== 'Add' || inputs.length !== 2) return [];
    const [a, b] = inputs.map((tensor) => depthOf(tensor, depths)) as [number, number];
    const shapes = inputs.map(({ shape }) => shape.join());
    if (a === b || shapes[0] !== shapes[1]) return [];
    return [{ layer, input: a > b ? 0 : 1 }];
  });
}

/** Number of layers on the longest path from the input. */
function depthOf(tensor: SymbolicTensor, depths: Map<SymbolicTensor, number>): number {
  const known = depths.get(tensor);
  if (known !== undefined) return known;
  const layer = tensor.sourceLayer as layers.Layer | undefined;
  const node = layer?.inboundNodes[tensor.nodeIndex];
  // An input layer is its own input.
  const before = node?.inputTensors ?? [];
  const inputs = before.filter(({ sourceLayer }) => sourceLayer !== layer);
  const depth = Math.max(-1, ...inputs.map((input) => depthOf(input, depths))) + 1;
  depths.set(tensor, depth);
  return depth;
}
