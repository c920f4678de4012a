import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Architecture } from './architectures/architecture.ts';
import { architectures } from './architectures/architectures.ts';
import { FixresModelsError } from './errors.ts';

/** Layers of one residual block; in MobileNetV2 also the last convolution. */
export interface LayerBlock {
  /** Prefix of the names of its layers, for example `conv2_block1`. */
  name: string;
  /** Names of the layers, in the model's order. */
  layers: string[];
}

/** Adjacent layers that are frozen, unfrozen or given a learning rate together. */
export interface LayerGroup {
  /**
   * In ResNetV2: `stem`, the stages `conv2` to `conv5`, `final-norm` and `classifier`. In
   * MobileNetV2: `stem`, the stages `stage1` to `stage5` (one per resolution), `final-norm` and
   * `classifier`.
   */
  name: string;
  /** Names of the layers, in the model's order. */
  layers: string[];
  /** The blocks of a stage; every layer of a stage is in one. Empty for other groups. */
  blocks: LayerBlock[];
}

/**
 * The groups of a model from input to output, as plain data. Groups are identified by layer names,
 * so this also works for models loaded from files. A layer with a generic name (Keras's
 * `max_pooling2d_1`) belongs to the group of the layer it feeds.
 *
 * @throws FixresModelsError `unknown-architecture` if the layer names are not those of a known
 * architecture
 */
export function layerGroups(model: LayersModel): LayerGroup[] {
  const rules = rulesFor(model);
  const groups = rules.groups.map(({ name }): LayerGroup => ({ name, layers: [], blocks: [] }));
  for (const layer of model.layers) {
    const names = [layer.name, ...layer.outboundNodes.map((node) => node.outboundLayer.name)];
    const place = names.map((name) => placeOf(name, rules)).find((found) => found !== undefined);
    if (place === undefined)
      throw unknown(model, `is not a ${rules.name}: layer ${layer.name} fits none of its groups`);
    const { layers, blocks } = groups[place.group]!;
    layers.push(layer.name);
    if (place.block === undefined) continue;
    const block = blocks.find(({ name }) => name === place.block);
    if (block === undefined) blocks.push({ name: place.block, layers: [layer.name] });
    else block.layers.push(layer.name);
  }
  return groups.filter(({ layers }) => layers.length > 0);
}

function rulesFor(model: LayersModel): Architecture {
  const rules = architectures.find(({ marker }) =>
    model.layers.some(({ name }) => name === marker),
  );
  if (rules !== undefined) return rules;
  const known = architectures.map(({ name, marker }) => `${name} (layer ${marker})`).join(', ');
  throw unknown(model, `is of no known architecture: ${known}`);
}

function placeOf(
  layer: string,
  { groups }: Architecture,
): { group: number; block: string | undefined } | undefined {
  for (const [group, { pattern }] of groups.entries()) {
    const match = pattern.exec(layer);
    if (match !== null) return { group, block: match[1] };
  }
  return undefined;
}

function unknown(model: LayersModel, why: string): FixresModelsError {
  return new FixresModelsError('unknown-architecture', `Model ${model.name} ${why}.`);
}
