import type { JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import type { SavedArray } from '../weights/keras-weights.ts';
import {
  arithmetic,
  combine,
  numbers,
  operationName,
  type Rescaling,
  shortened,
} from './arithmetic.ts';
import type { GraphNode } from './graph-node.ts';

/** Keras's `backend.epsilon()`, the lower bound of Normalization's standard deviation. */
const LEAST_DEVIATION = 1e-7;

/**
 * The combined effect of what a model does with the levels of an image before its network: layers
 * Rescaling and Normalization, and arithmetic with numbers.
 *
 * @param entry the input of the network
 * @param arraysOf the arrays of a layer in the file, which contain the statistics of an adapted
 * Normalization
 * @throws FixresModelsError `unsupported-model` for anything else
 */
export function inputScaling(
  entry: GraphNode,
  arraysOf: (node: GraphNode) => readonly SavedArray[],
): Rescaling {
  const steps: GraphNode[] = [];
  for (let node = entry; node.op !== 'Input'; node = node.inputs[0]!) {
    if (node.inputs.length !== 1) throw unsupported(node);
    steps.unshift(node);
  }
  let scaling: Rescaling = { scale: 1, offset: 0 };
  for (const node of steps) {
    const { scale, offset } = scalingOf(node, arraysOf);
    scaling = {
      scale: combine(scaling.scale, scale, (a, b) => a * b),
      offset: combine(
        combine(scaling.offset, scale, (a, b) => a * b),
        offset,
        (a, b) => a + b,
      ),
    };
  }
  return scaling;
}

function scalingOf(
  node: GraphNode,
  arraysOf: (node: GraphNode) => readonly SavedArray[],
): Rescaling {
  const { op, settings } = node;
  if (op === 'Rescaling')
    return { scale: forImages(node, settings.scale), offset: forImages(node, settings.offset) };
  if (op === 'Normalization') return normalization(node, arraysOf(node));
  if (operationName(op) === 'cast') return { scale: 1, offset: 0 };
  const scaling = arithmetic(op, settings);
  if (scaling === undefined) throw unsupported(node);
  return { scale: forImages(node, scaling.scale), offset: forImages(node, scaling.offset) };
}

/**
 * `(x - mean) / sqrt(variance)`: given in the configuration, or adapted and stored in the weights.
 */
function normalization(node: GraphNode, arrays: readonly SavedArray[]): Rescaling {
  const { axis, mean: givenMean, variance: givenVariance, invert } = node.settings;
  if (axis !== -1 || invert === true) throw unsupported(node);
  const [mean, variance] =
    givenMean === null && arrays.length >= 2
      ? [shortened([...arrays[0]!.values]), shortened([...arrays[1]!.values])]
      : [forImages(node, givenMean), forImages(node, givenVariance)];
  const scale = combine(1, variance, (_, each) => 1 / Math.max(Math.sqrt(each), LEAST_DEVIATION));
  return { scale, offset: combine(mean, scale, (a, b) => -a * b) };
}

/** A number, or one per colour channel. */
function forImages(node: GraphNode, value: JsonValue | undefined): number | number[] {
  const found = numbers(value);
  if (found === undefined || (Array.isArray(found) && found.length !== 3)) throw unsupported(node);
  return found;
}

function unsupported({ layer, op }: GraphNode): FixresModelsError {
  const allowed = 'layers Rescaling and Normalization over channels, and arithmetic with numbers';
  return new FixresModelsError(
    'unsupported-model',
    `Layer "${layer}" (${op}) is between the image and the network; ${allowed} are supported ` +
      'there.',
  );
}

/** Layers before a scaling that only choose pixels or the order of channels. */
const PIXELS =
  /^(?:Resizing|CenterCrop|ZeroPadding2D|Cropping2D|Permute|Stack|Flip|reverse)$|getitem/i;

/** Whether a network scales the levels of an image itself, in any way, before its first weights. */
export function scalesInput(nodes: readonly GraphNode[]): boolean {
  const isImage = ({ op, inputs }: GraphNode): boolean =>
    op === 'Input' || (PIXELS.test(op) && inputs.every(isImage));
  const first = nodes.filter(({ op, inputs }) => op !== 'Input' && inputs.some(isImage));
  return first.some(
    ({ op, settings }) =>
      op === 'Rescaling' || op === 'Normalization' || arithmetic(op, settings) !== undefined,
  );
}
