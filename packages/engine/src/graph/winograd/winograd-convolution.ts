import { DataType } from '../graph-backend.ts';
import { type GraphNode, type Output, specOf } from '../graph-node.ts';
import { hasPlainSteps } from '../has-plain-steps.ts';
import { zeroPadding } from '../inference/zero-padding.ts';

/** A convolution, or a gradient of one, as Winograd's method computes it. */
export interface WinogradConvolution {
  kind: 'forward' | 'inputGradient' | 'filterGradient';
  /** What is convolved: the images, or for `inputGradient` the gradient of the result. Without padding. */
  x: Output;
  /** The zero rows and columns before it. */
  top: number;
  left: number;
  /** Rows and columns of the result of the convolution. */
  height: number;
  width: number;
}

/** Outputs in a tile, on each side. */
const TILE = 4;

/** Tiles of an image of this size. */
export function tilesOf({ height, width }: Pick<WinogradConvolution, 'height' | 'width'>): number {
  return Math.ceil(height / TILE) * Math.ceil(width / TILE);
}

/** The vectors of the transforms. */
const LANES = 16;

/** The sizes from which the method is faster. */
interface Least {
  tiles: number;
  channels: number;
  tilesTimesChannels: number;
}

/**
 * With fewer tiles or channels, transforming filters and images takes more time than it saves. Measured on 2 cores of a Xeon with
 * AVX-512: with oneDNN it is 1.2 times as fast at 64 channels and 196 tiles and 1.9 times at 512 channels and 32 tiles, and below
 * these limits 0.4 to 1.2 times. TensorFlow's own products of many matrices are slower, so without oneDNN the forward pass gains
 * only with many channels.
 */
const least: Record<'oneDnn' | 'without', { forward: Least; gradient: Least }> = {
  oneDnn: {
    forward: { tiles: 32, channels: 64, tilesTimesChannels: 6144 },
    gradient: { tiles: 32, channels: 64, tilesTimesChannels: 6144 },
  },
  without: {
    forward: { tiles: 128, channels: 256, tilesTimesChannels: 32768 },
    gradient: { tiles: 64, channels: 128, tilesTimesChannels: 8192 },
  },
};

/**
 * How to compute a node by Winograd's method; undefined if it is no convolution or gradient of one with 3 x 3 windows, stride 1 and
 * float32, or too small.
 */
export function winogradConvolution(
  node: GraphNode,
  { oneDnn }: { oneDnn: boolean },
): WinogradConvolution | undefined {
  const parts = partsOf(node);
  if (parts === undefined || !hasPlainSteps(node)) return undefined;
  const { kind, input, filter, output } = parts;
  const [rows, columns, inChannels, outChannels] = specOf(filter).shape as [
    number,
    number,
    number,
    number,
  ];
  if (rows !== 3 || columns !== 3 || inChannels % LANES !== 0 || outChannels % LANES !== 0)
    return undefined;
  if (specOf(output).type !== DataType.float32) return undefined;
  const [count, height, width] = specOf(output).shape as [number, number, number, number];
  const tiles = count * tilesOf({ height, width });
  const channels = Math.min(inChannels, outChannels);
  const from = least[oneDnn ? 'oneDnn' : 'without'][kind === 'forward' ? 'forward' : 'gradient'];
  if (tiles < from.tiles || channels < from.channels) return undefined;
  if (tiles * channels < from.tilesTimesChannels) return undefined;
  const zeros = zerosBefore(node, specOf(input).shape, specOf(output).shape);
  if (zeros === undefined) return undefined;
  if (kind === 'inputGradient') {
    // Of its padding, as many rows as the window is high lie outside of the padding of the convolution.
    const [, inputHeight, inputWidth] = specOf(input).shape as [number, number, number, number];
    return {
      kind,
      x: output,
      top: 2 - zeros.top,
      left: 2 - zeros.left,
      height: inputHeight,
      width: inputWidth,
    };
  }
  return { kind, ...withoutPadding(input, zeros), height, width };
}

/** Input, filter and output of the convolution that a node computes or is a gradient of. */
function partsOf(
  node: GraphNode,
):
  | { kind: WinogradConvolution['kind']; input: Output; filter: Output; output: Output }
  | undefined {
  const [first, second, third] = node.inputs as [Output, Output, Output];
  const result = { node, index: 0 };
  if (node.op === 'Conv2D')
    return { kind: 'forward', input: first, filter: second, output: result };
  if (node.op === '_FusedConv2D' && isFusedBias(node))
    return { kind: 'forward', input: first, filter: second, output: result };
  if (node.op === 'Conv2DBackpropInput')
    return { kind: 'inputGradient', input: result, filter: second, output: third };
  if (node.op === 'Conv2DBackpropFilter')
    return { kind: 'filterGradient', input: first, filter: result, output: third };
  return undefined;
}

function isFusedBias({ attributes }: GraphNode): boolean {
  const ops = attributes.get('fused_ops')?.value as readonly string[] | undefined;
  return ops?.[0] === 'BiasAdd' && ops.length <= 2 && !ops.includes('Add');
}

/** The zeros before the rows and columns of a convolution's input; undefined if they would be no padding of this window. */
function zerosBefore(
  { attributes }: GraphNode,
  input: readonly number[],
  output: readonly number[],
): { top: number; left: number } | undefined {
  const padding = attributes.get('padding')?.value;
  const explicit = attributes.get('explicit_paddings')?.value as readonly number[] | undefined;
  const [top, left] =
    padding === 'EXPLICIT' ? [explicit![2]!, explicit![4]!] : padding === 'SAME' ? [1, 1] : [0, 0];
  const [bottom, right] = ([1, 2] as const).map(
    (axis) => output[axis]! + 2 - input[axis]! - (axis === 1 ? top : left),
  );
  return [top, left, bottom!, right!].every((side) => side >= 0 && side <= 2)
    ? { top, left }
    : undefined;
}

/** The input of a convolution before its zero padding, which no op has to write then. */
function withoutPadding(
  input: Output,
  { top, left }: { top: number; left: number },
): Pick<WinogradConvolution, 'x' | 'top' | 'left'> {
  const sides = input.index === 0 ? zeroPadding(input.node) : undefined;
  if (sides === undefined) return { x: input, top, left };
  return withoutPadding(input.node.inputs[0]!, {
    top: top + sides.height[0]!,
    left: left + sides.width[0]!,
  });
}
