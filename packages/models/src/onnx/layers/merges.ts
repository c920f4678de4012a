import { graphAxis, type LayerTranslator } from '../layer-call.ts';

/** Merges number by number; sides of length 1 are repeated. */
function merge(op: 'Add' | 'Mul' | 'Mean' | 'Max' | 'Min'): LayerTranslator {
  return ({ graph, path, inputs, outputShape }) => {
    if (inputs.some(({ shape }) => shape.length !== outputShape.length))
      return 'has inputs with different numbers of axes';
    const { channelsFirst } = inputs[0]!;
    const names = inputs.map((input) => graph.as(input, channelsFirst));
    // The other operators take any number of inputs.
    const name =
      op === 'Add' || op === 'Mul'
        ? names.slice(1).reduce((x, y) => graph.graph.add(op, [x, y], path), names[0]!)
        : graph.graph.add(op, names, path);
    return { name, shape: outputShape, channelsFirst };
  };
}

export const merges: Readonly<Record<string, LayerTranslator>> = {
  Add: merge('Add'),
  Average: merge('Mean'),
  Multiply: merge('Mul'),
  Maximum: merge('Max'),
  Minimum: merge('Min'),
  Concatenate: ({ graph, path, config, inputs, outputShape }) => {
    const { channelsFirst } = inputs[0]!;
    const y = { shape: outputShape, channelsFirst };
    const name = graph.graph.add(
      'Concat',
      inputs.map((input) => graph.as(input, channelsFirst)),
      path,
      { axis: graphAxis({ ...y, name: path }, config.axis as number) },
    );
    return { ...y, name };
  },
};
