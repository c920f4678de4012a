import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from './errors.ts';

/** Layers of one residual block; in MobileNetV2 also the last convolution. */
export interface LayerBlock {
  /** What the names of its layers begin with, e.g. `conv2_block1`. */
  name: string;
  /** Names of the layers, in the model's order. */
  layers: string[];
}

/** Neighbouring layers that are frozen, unfrozen or given a learning rate together. */
export interface LayerGroup {
  /**
   * In a ResNetV2 `stem`, the stages `conv2` to `conv5`, `final-norm` and `classifier`. In a MobileNetV2 `stem`, the stages
   * `stage1` to `stage5`, one for each resolution, `final-norm` and `classifier`.
   */
  name: string;
  /** Names of the layers, in the model's order. */
  layers: string[];
  /** The blocks of a stage; every layer of a stage is in one. Empty in other groups. */
  blocks: LayerBlock[];
}

/** How to tell the groups of an architecture apart: the first pattern that matches a layer's name; what it captures is the block. */
interface GroupRules {
  architecture: string;
  /** A layer that every model of the architecture has and no other. */
  marker: string;
  groups: readonly { name: string; pattern: RegExp }[];
}

const architectures: readonly GroupRules[] = [
  {
    architecture: 'ResNetV2',
    marker: 'conv2_block1_preact_bn',
    groups: [
      { name: 'stem', pattern: /^(?:input|rescaling|conv1_|pool1_)/ },
      { name: 'conv2', pattern: /^(conv2_block\d+)_/ },
      { name: 'conv3', pattern: /^(conv3_block\d+)_/ },
      { name: 'conv4', pattern: /^(conv4_block\d+)_/ },
      { name: 'conv5', pattern: /^(conv5_block\d+)_/ },
      { name: 'final-norm', pattern: /^post_/ },
      { name: 'classifier', pattern: /^(?:avg_pool|max_pool|predictions)$/ },
    ],
  },
  {
    architecture: 'MobileNetV2',
    marker: 'block_1_expand',
    groups: [
      { name: 'stem', pattern: /^(?:input|rescaling|Conv1|bn_Conv1)/ },
      { name: 'stage1', pattern: /^(expanded_conv)_/ },
      { name: 'stage2', pattern: /^(block_[12])_/ },
      { name: 'stage3', pattern: /^(block_[345])_/ },
      { name: 'stage4', pattern: /^(block_(?:[6-9]|1[0-2]))_/ },
      // The last convolution works at the resolution of the last blocks; whoever trains them trains it.
      { name: 'stage5', pattern: /^(block_1[3-6](?=_)|Conv_1$)/ },
      { name: 'final-norm', pattern: /^(?:Conv_1_bn|out_relu)$/ },
      {
        name: 'classifier',
        pattern: /^(?:global_(?:average|max)_pooling2d(?:_\d+)?|predictions)$/,
      },
    ],
  },
];

/**
 * The groups of a model from input to output, as plain data. They are told apart by layer names, so this works for models
 * loaded from files too. A layer without a telling name (Keras's `max_pooling2d_1`) belongs to the group of the layer it feeds.
 *
 * @throws FixresModelsError `unknown-architecture` when the layer names are not those of a known architecture
 */
export function layerGroups(model: LayersModel): LayerGroup[] {
  const rules = rulesFor(model);
  const groups = rules.groups.map(({ name }): LayerGroup => ({ name, layers: [], blocks: [] }));
  for (const layer of model.layers) {
    const names = [layer.name, ...layer.outboundNodes.map((node) => node.outboundLayer.name)];
    const place = names.map((name) => placeOf(name, rules)).find((found) => found !== undefined);
    if (place === undefined)
      throw unknown(
        model,
        `is not a ${rules.architecture}: layer ${layer.name} fits none of its groups`,
      );
    const { layers, blocks } = groups[place.group]!;
    layers.push(layer.name);
    if (place.block === undefined) continue;
    const block = blocks.find(({ name }) => name === place.block);
    if (block === undefined) blocks.push({ name: place.block, layers: [layer.name] });
    else block.layers.push(layer.name);
  }
  return groups.filter(({ layers }) => layers.length > 0);
}

function rulesFor(model: LayersModel): GroupRules {
  const rules = architectures.find(({ marker }) =>
    model.layers.some(({ name }) => name === marker),
  );
  if (rules !== undefined) return rules;
  const known = architectures
    .map(({ architecture, marker }) => `${architecture} (layer ${marker})`)
    .join(', ');
  throw unknown(model, `is of no known architecture: ${known}`);
}

function placeOf(
  layer: string,
  { groups }: GroupRules,
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
