import { type GraphValue, type LayerCall, type LayerTranslator, permuted } from '../layer-call.ts';

/** See KerasMultiHeadAttention. */
function multiHeadAttention({
  graph: layout,
  path,
  config,
  inputs,
  outputShape,
  weights,
}: LayerCall): GraphValue {
  const { graph } = layout;
  const { numHeads, keyDim, valueDim } = config as {
    numHeads: number;
    keyDim: number;
    valueDim: number;
  };
  const [query, value = query, key = value] = inputs.map((input) => layout.inOrder(input));
  const project = (name: string, input: string, to: number): string => {
    const { data } = weights.get(`${name}_kernel`)!;
    const kernel = graph.floats(`${path}/${name}/kernel`, data, [data.length / to, to]);
    const product = graph.add('MatMul', [input, kernel], `${path}/${name}/product`);
    const bias = weights.get(`${name}_bias`);
    if (bias === undefined) return product;
    return graph.add(
      'Add',
      [product, graph.floats(`${path}/${name}/bias`, bias.data)],
      `${path}/${name}`,
    );
  };
  const reshape = (input: string, sides: readonly number[], name: string): string =>
    // 0 copies the numbers of images and of tokens.
    graph.add(
      'Reshape',
      [input, graph.integers(`${path}/${name}/sides`, [0, 0, ...sides])],
      `${path}/${name}`,
    );
  const split = (name: string, input: string, size: number, perm: readonly number[]): string => {
    const heads = reshape(project(name, input, numHeads * size), [numHeads, size], `${name}/heads`);
    return graph.add('Transpose', [heads], `${path}/${name}/turned`, { perm });
  };
  const scale = graph.floats(`${path}/scale`, [1 / Math.sqrt(keyDim)], []);
  const queries = split('query', query!, keyDim, [0, 2, 1, 3]);
  const scaled = graph.add('Mul', [queries, scale], `${path}/scaled`);
  const keys = split('key', key!, keyDim, [0, 2, 3, 1]);
  const scores = graph.add('MatMul', [scaled, keys], `${path}/scores`);
  const shares = graph.add('Softmax', [scores], `${path}/shares`, { axis: -1 });
  const values = split('value', value!, valueDim, [0, 2, 1, 3]);
  const sums = graph.add('MatMul', [shares, values], `${path}/sums`);
  const turned = graph.add('Transpose', [sums], `${path}/turned`, { perm: [0, 2, 1, 3] });
  const merged = reshape(turned, [numHeads * valueDim], 'merged');
  const name = project('attention_output', merged, outputShape.at(-1)!);
  return { name, shape: outputShape, channelsFirst: false };
}

/** See ViTEmbeddings. The positions are resampled for the image's grid when the graph runs. */
function vitEmbeddings({
  graph: layout,
  path,
  config,
  inputs: [x],
  outputShape,
  weights,
}: LayerCall): GraphValue {
  const { graph } = layout;
  const { gridSize, prefixTokens, embedsPrefix } = config as {
    gridSize: number;
    prefixTokens: number;
    embedsPrefix: boolean;
  };
  const width = outputShape.at(-1)!;
  const own = embedsPrefix ? prefixTokens * width : 0;
  const { data } = weights.get('position_embedding')!;
  const map = layout.withChannelsFirst(x!);
  const sequence = (value: string, name: string): string => {
    const sides = graph.integers(`${path}/${name}/sides`, [0, width, -1]);
    const flat = graph.add('Reshape', [value, sides], `${path}/${name}/flat`);
    return graph.add('Transpose', [flat], `${path}/${name}`, { perm: [0, 2, 1] });
  };
  const rows = { dims: [gridSize ** 2, width], data: data.subarray(own) };
  const { data: positions } = permuted(rows, [1, 0]);
  const table = graph.floats(`${path}/positions`, positions, [1, width, gridSize, gridSize]);
  const sides = graph.add('Shape', [map], `${path}/sides`, { start: 2 });
  const channels = graph.integers(`${path}/channels`, [1, width]);
  const size = graph.add('Concat', [channels, sides], `${path}/size`, { axis: 0 });
  const resized = graph.add('Resize', [table, '', '', size], `${path}/resized`, {
    mode: 'cubic',
    cubic_coeff_a: { float: -0.5 },
    antialias: 1,
    exclude_outside: 1,
    coordinate_transformation_mode: 'half_pixel',
  });
  const tokens = graph.add(
    'Add',
    [sequence(map, 'patches'), sequence(resized, 'embedding')],
    `${path}/tokens`,
  );
  const y = { shape: outputShape, channelsFirst: false };
  if (prefixTokens === 0) return { ...y, name: tokens };
  const prefix = weights
    .get('prefix_tokens')!
    .data.map((value, i) => value + (i < own ? data[i]! : 0));
  const batch = graph.add('Shape', [map], `${path}/batch`, { start: 0, end: 1 });
  const rest = graph.integers(`${path}/prefix/sides`, [prefixTokens, width]);
  const shape = graph.add('Concat', [batch, rest], `${path}/prefix/shape`, { axis: 0 });
  const first = graph.floats(`${path}/prefix/rows`, prefix, [1, prefixTokens, width]);
  const repeated = graph.add('Expand', [first, shape], `${path}/prefix`);
  return { ...y, name: graph.add('Concat', [repeated, tokens], path, { axis: 1 }) };
}

/** See TokenPooling. */
function tokenPooling({
  graph: layout,
  path,
  config,
  inputs: [x],
  outputShape,
}: LayerCall): GraphValue {
  const { graph } = layout;
  const { pooling, prefixTokens } = config as { pooling: string; prefixTokens: number };
  const tokens = layout.inOrder(x!);
  const y = { shape: outputShape, channelsFirst: false };
  const axis = graph.integers(`${path}/axis`, [1]);
  if (pooling === 'token') {
    const first = graph.integers(`${path}/first`, [0]);
    const token = graph.add('Gather', [tokens, first], `${path}/token`, { axis: 1 });
    return { ...y, name: graph.add('Squeeze', [token, axis], path) };
  }
  const [start, end] = [prefixTokens, 2 ** 31 - 1].map((place, i) =>
    graph.integers(`${path}/${i === 0 ? 'start' : 'end'}`, [place]),
  );
  const patches = graph.add('Slice', [tokens, start!, end!, axis], `${path}/patches`);
  return { ...y, name: graph.add('ReduceMean', [patches, axis], path, { keepdims: 0 }) };
}

export const attentions: Readonly<Record<string, LayerTranslator>> = {
  KerasMultiHeadAttention: multiHeadAttention,
  TokenPooling: tokenPooling,
  ViTEmbeddings: vitEmbeddings,
};
