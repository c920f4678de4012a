import type { LayersModel } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from './errors.ts';

/** Neighbouring layers that are frozen, unfrozen or given a learning rate together. */
export interface LayerGroup {
  /** `stem`, `conv2` to `conv5`, `final-norm` or `classifier` in a ResNetV2. */
  name: string;
  /** Names of the layers, in the model's order. */
  layers: string[];
}

/** How to tell the groups of one architecture apart: the first pattern that matches a layer's name. */
type GroupRules = readonly { name: string; pattern: RegExp }[];

const resNetV2Rules: GroupRules = [
  { name: 'stem', pattern: /^(input|rescaling|conv1_|pool1_)/ },
  { name: 'conv2', pattern: /^conv2_/ },
  { name: 'conv3', pattern: /^conv3_/ },
  { name: 'conv4', pattern: /^conv4_/ },
  { name: 'conv5', pattern: /^conv5_/ },
  { name: 'final-norm', pattern: /^post_/ },
  { name: 'classifier', pattern: /^(avg_pool|max_pool|predictions)$/ },
];

/**
 * The groups of a model from input to output, as plain data. They are told apart by layer names, so this works for models
 * loaded from files too. A layer without a telling name (Keras's `max_pooling2d_1`) belongs to the group of the layer it feeds.
 *
 * @throws FixresModelsError `unknown-architecture` when the layer names are not those of a known architecture
 */
export function layerGroups(model: LayersModel): LayerGroup[] {
  const rules = resNetV2Rules;
  const groups = new Map<string, string[]>(rules.map(({ name }) => [name, []]));
  for (const layer of model.layers) {
    const own = groupOf(layer.name, rules);
    const fed = layer.outboundNodes.map((node) => groupOf(node.outboundLayer.name, rules));
    const group = own ?? fed.find((name) => name !== undefined);
    if (group === undefined) throw unknownArchitecture(model, `layer ${layer.name} fits none of its groups`);
    groups.get(group)?.push(layer.name);
  }
  if (groups.get('conv2')?.length === 0) throw unknownArchitecture(model, 'it has no layer conv2_...');
  return [...groups].map(([name, layers]) => ({ name, layers })).filter(({ layers }) => layers.length > 0);
}

function groupOf(layer: string, rules: GroupRules): string | undefined {
  return rules.find(({ pattern }) => pattern.test(layer))?.name;
}

function unknownArchitecture(model: LayersModel, why: string): FixresModelsError {
  return new FixresModelsError('unknown-architecture', `Model ${model.name} is not a ResNetV2: ${why}.`);
}
