import { graphAxis, type GraphValue, type LayerCall, type LayerTranslator } from '../layer-call.ts';
import { activated } from './activations.ts';

/** Layers that change nothing in prediction. */
const unchanged: LayerTranslator = ({ inputs: [x] }) => x!;

function dense(call: LayerCall): GraphValue | string {
  const { graph, path, config, inputs, outputShape, weights } = call;
  const x = graph.inOrder(inputs[0]!);
  const { dims, data } = weights.get('kernel')!;
  const kernel = graph.graph.floats(`${path}/kernel`, data, dims);
  const bias = weights.get('bias');
  const offset = bias && graph.graph.floats(`${path}/bias`, bias.data);
  const y = { shape: outputShape, channelsFirst: false };
  const finish = (name: string): GraphValue | string =>
    activated(graph.graph, { ...y, name }, config.activation, `${path}/activation`);
  if (outputShape.length === 2)
    return finish(graph.graph.add('Gemm', [x, kernel, ...(offset ? [offset] : [])], path));
  const product = graph.graph.add('MatMul', [x, kernel], `${path}/product`);
  return finish(offset ? graph.graph.add('Add', [product, offset], path) : product);
}

function flatten({ graph, path, config, inputs: [x], outputShape }: LayerCall): GraphValue {
  const ordered = graph.inOrder(x!);
  const rank = x!.shape.length;
  // With channels first, Keras flattens them last.
  const turned =
    config.dataFormat === 'channelsFirst' && rank > 2
      ? graph.graph.add('Transpose', [ordered], `${path}/channels_last`, {
          perm: [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1],
        })
      : ordered;
  return {
    name: graph.graph.add('Flatten', [turned], path, { axis: 1 }),
    shape: outputShape,
    channelsFirst: false,
  };
}

function reshape({ graph, path, config, inputs: [x], outputShape }: LayerCall): GraphValue {
  // 0 copies the number of images.
  const sides = (config.targetShape as (number | null)[]).map((side) => side ?? -1);
  const target = graph.graph.integers(`${path}/shape`, [0, ...sides]);
  return {
    name: graph.graph.add('Reshape', [graph.inOrder(x!), target], path),
    shape: outputShape,
    channelsFirst: false,
  };
}

function permute({ graph, path, config, inputs: [x], outputShape }: LayerCall): GraphValue {
  const perm = [0, ...(config.dims as number[])];
  return {
    name: graph.graph.add('Transpose', [graph.inOrder(x!)], path, { perm }),
    shape: outputShape,
    channelsFirst: false,
  };
}

function repeat({
  graph: { graph },
  path,
  config,
  inputs: [x],
  outputShape,
}: LayerCall): GraphValue {
  const row = graph.add('Unsqueeze', [x!.name, graph.integers(`${path}/axis`, [1])], `${path}/row`);
  const times = graph.integers(`${path}/times`, [1, config.n as number, 1]);
  return {
    name: graph.add('Tile', [row, times], path),
    shape: outputShape,
    channelsFirst: false,
  };
}

type Borders = [[number, number], [number, number]];

/** Borders of height and width as a list with all axes of the graph: the value, then its sides. */
function borders(
  { graph, config, inputs: [x] }: LayerCall,
  setting: string,
): { name: string; channelsFirst: boolean; before: number[]; after: number[] } {
  const [[top, bottom], [left, right]] = config[setting] as Borders;
  const channelsFirst = config.dataFormat !== 'channelsFirst';
  return {
    name: graph.as(x!, channelsFirst),
    channelsFirst,
    before: [top, left],
    after: [bottom, right],
  };
}

function zeroPadding(call: LayerCall): GraphValue {
  const { graph, path, outputShape } = call;
  const { name, channelsFirst, before, after } = borders(call, 'padding');
  const pads = graph.graph.integers(`${path}/pads`, [0, 0, ...before, 0, 0, ...after]);
  return {
    name: graph.graph.add('Pad', [name, pads], path),
    shape: outputShape,
    channelsFirst,
  };
}

/** ONNX's end of a slice that reaches to the end of any axis. */
const TO_THE_END = 2 ** 31 - 1;

function cropping(call: LayerCall): GraphValue {
  const { graph, path, outputShape } = call;
  const { name, channelsFirst, before, after } = borders(call, 'cropping');
  const ends = after.map((end) => (end === 0 ? TO_THE_END : -end));
  const positions = { starts: before, ends, axes: [2, 3] };
  const constants = Object.entries(positions).map(([key, values]) =>
    graph.graph.integers(`${path}/${key}`, values),
  );
  return {
    name: graph.graph.add('Slice', [name, ...constants], path),
    shape: outputShape,
    channelsFirst,
  };
}

/** Reverses the last axis of the model's order. */
function reverseChannels({ graph: { graph }, path, inputs: [x] }: LayerCall): GraphValue {
  const positions = { starts: -1, ends: -TO_THE_END, axes: graphAxis(x!, -1), steps: -1 };
  const constants = Object.entries(positions).map(([key, position]) =>
    graph.integers(`${path}/${key}`, [position]),
  );
  return { ...x!, name: graph.add('Slice', [x!.name, ...constants], path) };
}

/** Looks up the rows of whole numbers. */
function embedding({
  graph: { graph },
  path,
  inputs: [x],
  outputShape,
  weights,
}: LayerCall): GraphValue {
  const { dims, data } = weights.get('embeddings')!;
  const whole = graph.add('Cast', [x!.name], `${path}/whole`, { to: 6 });
  return {
    name: graph.add('Gather', [graph.floats(`${path}/rows`, data, dims), whole], path),
    shape: outputShape,
    channelsFirst: false,
  };
}

export const shapes: Readonly<Record<string, LayerTranslator>> = {
  AlphaDropout: unchanged,
  Dropout: unchanged,
  GaussianDropout: unchanged,
  GaussianNoise: unchanged,
  SpatialDropout1D: unchanged,
  Cropping2D: cropping,
  Dense: dense,
  Embedding: embedding,
  Flatten: flatten,
  KerasReverseChannels: reverseChannels,
  Permute: permute,
  RepeatVector: repeat,
  Reshape: reshape,
  ZeroPadding2D: zeroPadding,
};
