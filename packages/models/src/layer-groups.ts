import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Architecture } from './architectures/architecture.ts';
import { architectures } from './architectures/architectures.ts';
import { FixresModelsError } from './errors.ts';
import { resolutionGroups } from './resolution-groups.ts';

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
   * MobileNetV2 and other models: `stem`, the stages `stage1`, `stage2`, ... (one per resolution),
   * `final-norm` and `classifier`. In vision transformers: `block1`, `block2`, ... instead of stages.
   */
  name: string;
  /** Names of the layers, in the model's order; paths of those in nested models. */
  layers: string[];
  /**
   * The blocks of a stage of ResNetV2 or MobileNetV2; every layer of a stage is in one. Empty for
   * other groups and models.
   */
  blocks: LayerBlock[];
}

/**
 * The groups of a model from input to output, as plain data. Groups are identified by layer names,
 * so this also works for models loaded from files. A layer with a generic name (Keras's
 * `max_pooling2d_1`) belongs to the group of the layer it feeds. Models of other architectures are
 * grouped by the resolutions of their maps.
 *
 * @throws FixresModelsError `unknown-architecture` if the layer names are not those of a known
 * architecture, and the model does not compute maps of features from images
 */
export function layerGroups(model: LayersModel): LayerGroup[] {
  const rules = rulesFor(model);
  if (rules === undefined) return byResolution(model);
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

function rulesFor(model: LayersModel): Architecture | undefined {
  return architectures.find(({ marker }) => model.layers.some(({ name }) => name === marker));
}

function byResolution(model: LayersModel): LayerGroup[] {
  const groups = resolutionGroups(model);
  if (groups !== undefined) return groups.map((group) => ({ ...group, blocks: [] }));
  const known = architectures.map(({ name, marker }) => `${name} (layer ${marker})`).join(', ');
  throw unknown(
    model,
    `is of no known architecture: ${known}; nor does it compute maps of features from images`,
  );
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
