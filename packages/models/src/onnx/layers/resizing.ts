import type { OnnxAttribute } from '../graph/onnx-graph.ts';
import type { GraphValue, LayerCall, LayerTranslator } from '../layer-call.ts';

type Interpolation = 'bilinear' | 'nearest';

/** The grid of TensorFlow 2 and Keras: centres of pixels at 0.5, 1.5, ... */
const grids: Readonly<Record<Interpolation, Record<string, OnnxAttribute>>> = {
  bilinear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
  nearest: {
    mode: 'nearest',
    coordinate_transformation_mode: 'half_pixel',
    nearest_mode: 'round_prefer_ceil',
  },
};

/** Appends a resize by whole factors. `channelsFirst`: as the result of the layer has them. */
function enlarged(
  { graph, path, inputs: [x], outputShape }: LayerCall,
  size: readonly number[],
  interpolation: Interpolation,
  channelsFirst: boolean,
): GraphValue {
  const factors = graph.graph.floats(`${path}/factors`, [1, 1, ...size]);
  return {
    name: graph.graph.add(
      'Resize',
      [graph.as(x!, channelsFirst), '', factors],
      path,
      grids[interpolation],
    ),
    shape: outputShape,
    channelsFirst,
  };
}

interface Target {
  height: number;
  width: number;
  interpolation: Interpolation;
}

/** Appends a resize to a fixed size; with `crop`, of the largest centred part of its aspect ratio. */
function resized(
  { graph, path, inputs: [x], outputShape }: LayerCall,
  { height, width, interpolation }: Target,
  crop: boolean,
): GraphValue | string {
  const [, tall, wide] = x!.shape;
  let name = graph.withChannelsFirst(x!);
  if (crop) {
    if (typeof tall !== 'number' || typeof wide !== 'number') return NEEDS_SIDES;
    name = window({ graph, path }, name, [
      centred(tall, within(tall, Math.fround(wide * height) / width)),
      centred(wide, within(wide, Math.fround(tall * width) / height)),
    ]);
  }
  // The sizes of all axes: with the attribute `axes`, ONNX Runtime 1.30 refuses some graphs
  // (findings/onnxruntime-resize-axes.sh).
  const kept = graph.graph.add('Shape', [name], `${path}/kept`, { start: 0, end: 2 });
  const sides = graph.graph.integers(`${path}/sides`, [height, width]);
  const size = graph.graph.add('Concat', [kept, sides], `${path}/size`, { axis: 0 });
  return {
    name: graph.graph.add('Resize', [name, '', '', size], path, grids[interpolation]),
    shape: outputShape,
    channelsFirst: true,
  };
}

const NEEDS_SIDES = 'has an input without fixed height and width, from which its crop is computed';

/** Start and end of the centred part of a side. */
function centred(side: number, kept: number): [number, number] {
  const start = Math.floor((side - kept) / 2);
  return [start, start + kept];
}

/** Clamps a length to 1 .. the whole side, as Keras does. */
function within(side: number, kept: number): number {
  return Math.max(Math.min(side, Math.trunc(kept)), 1);
}

/** Appends a crop of height and width. */
function window(
  { graph: { graph }, path }: Pick<LayerCall, 'graph' | 'path'>,
  name: string,
  parts: readonly [number, number][],
): string {
  const positions = {
    starts: parts.map(([start]) => start),
    ends: parts.map(([, end]) => end),
    axes: [2, 3],
  };
  const constants = Object.entries(positions).map(([key, values]) =>
    graph.integers(`${path}/${key}`, values),
  );
  return graph.add('Slice', [name, ...constants], `${path}/part`);
}

/** See KerasCenterCrop: an image that is too small is resized. */
function centerCrop(call: LayerCall): GraphValue | string {
  const { graph, config, inputs, outputShape } = call;
  const { height, width } = config as unknown as Target;
  const [, tall, wide] = inputs[0]!.shape;
  if (typeof tall !== 'number' || typeof wide !== 'number') return NEEDS_SIDES;
  if (tall < height || wide < width)
    return resized(call, { height, width, interpolation: 'bilinear' }, true);
  return {
    name: window(call, graph.withChannelsFirst(inputs[0]!), [
      centred(tall, height),
      centred(wide, width),
    ]),
    shape: outputShape,
    channelsFirst: true,
  };
}

export const resizings: Readonly<Record<string, LayerTranslator>> = {
  KerasCenterCrop: centerCrop,
  KerasResizing: (call) =>
    resized(call, call.config as unknown as Target, call.config.cropToAspectRatio === true),
  KerasUpSampling2D: (call) => enlarged(call, call.config.size as number[], 'bilinear', true),
  UpSampling2D: (call) =>
    enlarged(
      call,
      call.config.size as number[],
      'nearest',
      call.config.dataFormat !== 'channelsFirst',
    ),
};
