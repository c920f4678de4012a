import {
  axisFromFront,
  channelsPermutation,
  graphAxis,
  type GraphValue,
  type LayerCall,
  type LayerTranslator,
  permuted,
} from '../layer-call.ts';

/** Adds a constant that is aligned with the model's axes of a value. */
function aligned(
  { graph: { graph }, path, inputs: [x] }: LayerCall,
  name: string,
  values: readonly number[],
  dims: readonly number[],
): string {
  const array = { dims: [...dims], data: Float32Array.from(values) };
  const turned = x!.channelsFirst ? permuted(array, channelsPermutation(dims.length)) : array;
  return graph.floats(`${path}/${name}`, turned.data, turned.dims);
}

/** Adds one number, or one per channel, as a constant that is aligned with a value. */
function perChannel(call: LayerCall, name: string, setting: unknown): string {
  const values = [setting as number | number[]].flat();
  const rank = call.inputs[0]!.shape.length;
  return aligned(call, name, values, [...Array<number>(rank - 1).fill(1), values.length]);
}

function rescaling(call: LayerCall): GraphValue {
  const { graph, path, config, inputs } = call;
  const scaled = graph.graph.add(
    'Mul',
    [inputs[0]!.name, perChannel(call, 'scale', config.scale)],
    `${path}/scaled`,
  );
  return {
    ...inputs[0]!,
    name: graph.graph.add('Add', [scaled, perChannel(call, 'offset', config.offset)], path),
  };
}

function batchNormalization(call: LayerCall): GraphValue {
  const { graph, path, config, inputs, weights } = call;
  const [x] = inputs;
  const rank = x!.shape.length;
  const axis = axisFromFront([config.axis as number].flat()[0]!, rank);
  const { data: mean } = weights.get('moving_mean')!;
  const { data: variance } = weights.get('moving_variance')!;
  const gamma = weights.get('gamma')?.data ?? mean.map(() => 1);
  const beta = weights.get('beta')?.data ?? mean.map(() => 0);
  const epsilon = config.epsilon as number;
  // The operator takes channels on the second axis; with two axes, they are there.
  const channelsFirst = axis === rank - 1 && rank > 2;
  const value = { name: graph.as(x!, channelsFirst), shape: x!.shape, channelsFirst };
  if (graphAxis(value, axis) === 1) {
    const constants = Object.entries({ gamma, beta, mean, variance }).map(([name, values]) =>
      graph.graph.floats(`${path}/${name}`, values),
    );
    return {
      ...value,
      name: graph.graph.add('BatchNormalization', [value.name, ...constants], path, {
        epsilon: { float: epsilon },
      }),
    };
  }
  const factors = Array.from(gamma, (factor, i) => factor / Math.sqrt(variance[i]! + epsilon));
  const rests = factors.map((factor, i) => beta[i]! - mean[i]! * factor);
  const dims = x!.shape.map((_, i) => (i === axis ? factors.length : 1));
  const scaled = graph.graph.add(
    'Mul',
    [x!.name, aligned(call, 'scale', factors, dims)],
    `${path}/scaled`,
  );
  return {
    ...x!,
    name: graph.graph.add('Add', [scaled, aligned(call, 'offset', rests, dims)], path),
  };
}

/** Over any axes: the operator takes the last ones, so the others are moved before them. */
function layerNormalization({ graph, path, config, inputs, weights }: LayerCall): GraphValue {
  const { shape } = inputs[0]!;
  const rank = shape.length;
  const axes = [config.axis as number | number[]].flat().map((axis) => axisFromFront(axis, rank));
  const kept = shape.map((_, i) => i).filter((axis) => !axes.includes(axis));
  const perm = [...kept, ...axes];
  const isLast = perm.every((axis, i) => axis === i);
  const ordered = graph.inOrder(inputs[0]!);
  const x = isLast ? ordered : graph.graph.add('Transpose', [ordered], `${path}/last`, { perm });
  const sides = axes.map((axis) => shape[axis]!);
  const count = sides.reduce((product, side) => product * side, 1);
  const gamma = weights.get('gamma')?.data ?? new Float32Array(count).fill(1);
  const beta = weights.get('beta');
  const y = graph.graph.add(
    'LayerNormalization',
    [
      x,
      graph.graph.floats(`${path}/gamma`, gamma, sides),
      ...(beta ? [graph.graph.floats(`${path}/beta`, beta.data, sides)] : []),
    ],
    path,
    { axis: kept.length, epsilon: { float: config.epsilon as number } },
  );
  const back = perm.map((_, i) => perm.indexOf(i));
  return {
    name: isLast ? y : graph.graph.add('Transpose', [y], `${path}/back`, { perm: back }),
    shape,
    channelsFirst: false,
  };
}

/** A number, or lists of numbers. */
type Statistics = number | Statistics[];

function dimsOf(statistics: Statistics): number[] {
  return Array.isArray(statistics) ? [statistics.length, ...dimsOf(statistics[0]!)] : [];
}

function numbersOf(statistics: Statistics): number[] {
  return Array.isArray(statistics) ? statistics.flatMap(numbersOf) : [statistics];
}

/** Keras's `backend.epsilon()`, the lower bound of its standard deviation. */
const LEAST_DEVIATION = 1e-7;

/** See KerasNormalization. */
function normalization(call: LayerCall): GraphValue {
  const { graph, path, config, inputs, weights } = call;
  const rank = inputs[0]!.shape.length;
  const axes = (config.axis === null ? [] : [config.axis as number | number[]].flat())
    .map((axis) => axisFromFront(axis, rank))
    .sort((a, b) => a - b);
  const statistic = (name: 'mean' | 'variance'): { values: number[]; dims: number[] } => {
    const weight = weights.get(name);
    const [values, own] = weight
      ? [[...weight.data], weight.dims]
      : [numbersOf(config[name] as Statistics), dimsOf(config[name] as Statistics)];
    const dims = Array<number>(rank).fill(1);
    // Given statistics belong to the last of the axes.
    if (own.length > 0)
      for (const [i, axis] of axes.slice(-own.length).entries()) dims[axis] = own[i]!;
    return { values, dims };
  };
  const [mean, variance] = [statistic('mean'), statistic('variance')];
  const deviations = variance.values.map((value) => Math.max(Math.sqrt(value), LEAST_DEVIATION));
  const centre = aligned(call, 'mean', mean.values, mean.dims);
  const deviation = aligned(call, 'deviation', deviations, variance.dims);
  const [first, second, last] =
    config.invert === true
      ? (['Mul', 'Add', centre] as const)
      : (['Sub', 'Div', deviation] as const);
  const inner = graph.graph.add(
    first,
    [inputs[0]!.name, last === centre ? deviation : centre],
    `${path}/inner`,
  );
  return { ...inputs[0]!, name: graph.graph.add(second, [inner, last], path) };
}

/** LayerScale of ConvNeXt. */
function layerScale(call: LayerCall): GraphValue {
  const { graph, path, inputs, weights } = call;
  const gamma = perChannel(call, 'gamma', [...weights.get('gamma')!.data]);
  return { ...inputs[0]!, name: graph.graph.add('Mul', [inputs[0]!.name, gamma], path) };
}

export const normalisations: Readonly<Record<string, LayerTranslator>> = {
  BatchNormalization: batchNormalization,
  KerasLayerScale: layerScale,
  KerasNormalization: normalization,
  LayerNormalization: layerNormalization,
  Rescaling: rescaling,
};
