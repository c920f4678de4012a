import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelOptions } from '../architectures/architecture.ts';
import { createModel } from '../architectures/create-model.ts';
import { projectionChannels } from '../architectures/mobilenet-v2.ts';
import type { JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import { type ModelName, stemWidths } from '../model-names.ts';
import { arraysAt, type LayerPlace } from '../weights/arrays-at.ts';
import type { KerasWeights } from '../weights/keras-weights.ts';
import { applicationScaling, type ApplicationScaling } from './application-scaling.ts';
import { classifierKind, type HeadKind } from './classifier-kind.ts';
import { allNodes, type GraphNode } from './graph-node.ts';
import { inputScaling } from './input-scaling.ts';
import { type GraphMatch, matchGraphs } from './match-graphs.ts';
import { modelGraph } from './read-graph.ts';

export interface RecogniseOptions {
  /** The required architecture. Default: detected. */
  name?: ModelName | undefined;
  /** The required channels of the stem. Default: detected. */
  width?: number | undefined;
  /** MobileNetV2 only, instead of `width`. */
  alpha?: number | undefined;
  /** Leave out the classifier of the file and everything that belongs to it. */
  newClassifier?: boolean;
  /**
   * Whether images can have several classes: a classifier without activation gets a sigmoid. Default
   * false.
   */
  multiLabel?: boolean;
}

/** A model of this package with the same computation as a file's model. */
export interface RecognisedModel {
  name: ModelName;
  /** For `createModel`; without `classes` if the classifier is left out. */
  options: ModelOptions;
  /** Undefined if the classifier is left out. */
  head?: HeadKind;
  /** Height and width of the images that the file's model was built for; null if it accepts any. */
  inputSize: readonly [number | null, number | null];
  /** Where the file has the arrays of each layer. */
  places: ReadonlyMap<string, LayerPlace>;
  /** The scaling for which `keras.applications` trains models of this name, if it knows the name. */
  application?: ApplicationScaling;
}

/**
 * Finds the model of this package that computes the same as the model of a file, by comparing the
 * two operation by operation: architecture and width, scaling of image levels, pooling, number of
 * classes, and whether the padding is that of one image size.
 *
 * @param weights with a configuration that `describesComputation`
 * @throws FixresModelsError `unsupported-model` naming the first layer that differs, what it is and
 * what it must be
 */
export function recogniseModel(
  weights: KerasWeights,
  options: RecogniseOptions = {},
): RecognisedModel {
  const graph = modelGraph(weights.config as JsonValue);
  const [height = null, width = null] = graph.inputShape;
  const chain = chainFrom(graph.output);
  const nodes = allNodes(graph.output);
  const name = options.name ?? architectureOf(nodes);
  const widths = widthOf(name, nodes, options);
  // Layers with a stride pad by the parity of a known input size. If that makes a difference, the
  // model has this size.
  const open = trunkMatch(name, widths, chain);
  const isOpen = open.difference === undefined;
  const fixed =
    !isOpen && height !== null && width !== null
      ? ([height, width, 3] as [number, number, 3])
      : undefined;
  const trunk = fixed ? trunkMatch(name, { ...widths, inputShape: fixed }, chain) : open;
  const { difference, entry } = trunk;
  if (difference || !entry) throw unlike(name, (difference ? trunk : open).difference!);

  const head = headOf(chain.slice(0, trunk.from), options);
  const places = new Map(
    [...trunk.pairs].map(([ours, theirs]) => [
      ours.layer,
      { name: theirs.layer, path: theirs.path },
    ]),
  );
  if (head.dense) places.set('predictions', { name: head.dense.layer, path: head.dense.path });
  const application = applicationScaling(weights.config!);
  const { scale, offset } = inputScaling(entry, ({ layer, path }) =>
    arraysAt(weights, { name: layer, path }),
  );
  return {
    name,
    options: {
      ...widths,
      ...(fixed && { inputShape: fixed }),
      ...(scale === 1 && offset === 0 ? {} : { rescaling: { scale, offset } }),
      ...(head.pooling === 'max' && { pooling: 'max' }),
      ...(head.classes !== undefined && { classes: head.classes }),
      ...(head.kind === 'multi-label' && { classifierActivation: 'sigmoid' as const }),
    },
    ...(head.kind && { head: head.kind }),
    inputSize: [height, width],
    places,
    ...(application && { application }),
  };
}

interface TrunkMatch extends GraphMatch {
  /** The position in the chain where the trunk ends. */
  from: number;
}

/** Searches for the end of the trunk along the path to the output. */
function trunkMatch(
  name: ModelName,
  options: ModelOptions,
  chain: readonly GraphNode[],
): TrunkMatch {
  const model: LayersModel = createModel(name, { ...options, includeTop: false });
  const { output } = modelGraph({
    class_name: 'Functional',
    ...(model.toJSON(null, false) as Record<string, JsonValue>),
  });
  model.dispose();
  const matches = chain.map((node, from): TrunkMatch => ({ ...matchGraphs(output, node), from }));
  // If none fits, the one that matches furthest shows best what differs; among equals, the last
  // operation of the kind that ends a trunk.
  const score = ({ pairs, from }: TrunkMatch): number =>
    2 * pairs.size + Number(chain[from]!.op === output.op);
  return (
    matches.find(({ difference }) => difference === undefined) ??
    matches.reduce((best, each) => (score(each) >= score(best) ? each : best))
  );
}

/**
 * The operations from the output backwards, while each has one input. The last one has several
 * inputs, or is the input.
 */
function chainFrom(output: GraphNode): GraphNode[] {
  const chain = [output];
  while (chain.at(-1)!.inputs.length === 1) chain.push(chain.at(-1)!.inputs[0]!);
  return chain;
}

/** The model by its number of residual additions, one per block. */
const SUMS: Readonly<Record<number, ModelName>> = {
  4: 'resnet14v2',
  8: 'resnet26v2',
  16: 'resnet50v2',
  33: 'resnet101v2',
  50: 'resnet152v2',
};

function architectureOf(nodes: readonly GraphNode[]): ModelName {
  if (nodes.some(({ op }) => op === 'DepthwiseConv2D')) return 'mobilenetv2';
  const name = SUMS[nodes.filter(({ op }) => op === 'Add').length];
  if (name !== undefined) return name;
  throw new FixresModelsError(
    'unsupported-model',
    `The model is not one of ${Object.keys(stemWidths).join(', ')}: its ${nodes.length} operations start with ${nodes
      .slice(1, 4)
      .map(({ layer, op }) => `"${layer}" (${op})`)
      .join(', ')}.`,
  );
}

/** MobileNetV2's published factors. */
const ALPHAS = [0.35, 0.5, 0.75, 1, 1.3, 1.4];

function widthOf(
  name: ModelName,
  nodes: readonly GraphNode[],
  { width, alpha }: RecogniseOptions,
): { width?: number; alpha?: number } {
  if (alpha !== undefined) return { alpha };
  if (width !== undefined) return { width };
  const convolutions = nodes
    .filter(({ op }) => op === 'Conv2D')
    .map(({ settings }) => settings.filters as number);
  const [stem] = convolutions;
  if (stem === undefined) return {};
  if (name !== 'mobilenetv2') return { width: stem };
  // Because widths are rounded, several factors can give the same network. The last block
  // distinguishes them best.
  const found = [
    ...ALPHAS,
    stem / stemWidths[name],
    convolutions.at(-2)! / projectionChannels(1).at(-1)!,
  ].find((each) => projectionChannels(each).every((channels) => convolutions.includes(channels)));
  return found === undefined ? { width: stem } : found === 1 ? {} : { alpha: found };
}

interface Head {
  pooling: 'avg' | 'max';
  dense?: GraphNode;
  classes?: number;
  kind?: HeadKind;
}

/** @param above what follows the trunk, from the output backwards */
function headOf(
  above: readonly GraphNode[],
  { newClassifier = false, multiLabel = false }: RecogniseOptions,
): Head {
  const [pool, ...rest] = above.toReversed();
  const pooling = pool?.op === 'GlobalMaxPooling2D' ? 'max' : 'avg';
  if (newClassifier) return { pooling };
  const withoutFlatten = rest.filter(({ op }) => op !== 'Flatten');
  const [dense, activation, ...more] = withoutFlatten;
  if (
    pool === undefined ||
    (pool.op !== 'GlobalAveragePooling2D' && pool.op !== 'GlobalMaxPooling2D') ||
    pool.settings.data_format !== 'channels_last'
  ) {
    throw unsupportedHead(pool, 'global average or max pooling');
  }
  if (dense?.op !== 'Dense') throw unsupportedHead(dense, 'one layer Dense');
  if (more.length > 0)
    throw unsupportedHead(dense, 'a layer Dense followed only by softmax or sigmoid');
  if (activation !== undefined && activation.op !== 'Activation')
    throw unsupportedHead(activation, 'softmax, sigmoid or nothing');
  const units = dense.settings.units as number;
  const function_ = activation?.settings.activation as string | undefined;
  const kind = classifierKind(dense.layer, units, function_, multiLabel);
  if (kind === undefined)
    throw unsupportedHead(
      activation,
      'softmax, sigmoid or nothing',
      ` with activation ${function_!}`,
    );
  return { pooling, dense, classes: kind === 'sigmoid' ? 2 : units, kind };
}

function unsupportedHead(
  node: GraphNode | undefined,
  expected: string,
  more = '',
): FixresModelsError {
  const found =
    node === undefined
      ? 'The network has nothing'
      : `The network has layer "${node.layer}" (${node.op})${more}`;
  return new FixresModelsError(
    'unsupported-model',
    `${found}; expected ${expected}. A model must end in global pooling and one Dense ` +
      'layer; --new-classifier leaves out what follows the network.',
  );
}

function unlike(
  name: ModelName,
  { layer, expectedLayer, setting, found, expected }: NonNullable<GraphMatch['difference']>,
): FixresModelsError {
  const text = (value: JsonValue): string =>
    typeof value === 'string' ? value : JSON.stringify(value);
  return new FixresModelsError(
    'unsupported-model',
    `The model of the file is not a ${name}: layer "${layer}" has ${setting} ${text(found)}, ` +
      `where "${expectedLayer}" of ${name} has ${text(expected)}.`,
  );
}
