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

/**
 * See ViTEmbeddings. The positions are resampled for the image's grid when the graph runs. The tokens
 * are padded with zeros and the prefix is added to them, so that nothing depends on the number of images.
 */
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
  const map = layout.inOrder(x!);
  const rows = { dims: [gridSize ** 2, width], data: data.subarray(own) };
  const { data: positions } = permuted(rows, [1, 0]);
  const table = graph.floats(`${path}/positions`, positions, [1, width, gridSize, gridSize]);
  const sides = graph.add('Shape', [map], `${path}/sides`, { start: 1, end: 3 });
  const channels = graph.integers(`${path}/channels`, [1, width]);
  const size = graph.add('Concat', [channels, sides], `${path}/size`, { axis: 0 });
  const resized = graph.add('Resize', [table, '', '', size], `${path}/resized`, {
    mode: 'cubic',
    cubic_coeff_a: { float: -0.5 },
    antialias: 1,
    exclude_outside: 1,
    coordinate_transformation_mode: 'half_pixel',
  });
  const flat = graph.add(
    'Reshape',
    [resized, graph.integers(`${path}/embedding/sides`, [0, width, -1])],
    `${path}/embedding/flat`,
  );
  const embedding = graph.add('Transpose', [flat], `${path}/embedding`, { perm: [0, 2, 1] });
  const patches = graph.add(
    'Reshape',
    [map, graph.integers(`${path}/patches/sides`, [0, -1, width])],
    `${path}/patches`,
  );
  const y = { shape: outputShape, channelsFirst: false };
  if (prefixTokens === 0) return { ...y, name: graph.add('Add', [patches, embedding], path) };
  const prefix = weights
    .get('prefix_tokens')!
    .data.map((value, i) => value + (i < own ? data[i]! : 0));
  const first = graph.floats(`${path}/prefix`, prefix, [1, prefixTokens, width]);
  const pads = graph.integers(`${path}/pads`, [0, prefixTokens, 0, 0, 0, 0]);
  const padded = graph.add('Pad', [patches, pads], `${path}/padded`);
  const all = graph.add('Concat', [first, embedding], `${path}/table`, { axis: 1 });
  return { ...y, name: graph.add('Add', [padded, all], path) };
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
