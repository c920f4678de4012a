import type { PreprocessingContract } from '@fixres/data';
import type { OnnxAttribute, OnnxGraph } from '@fixres/models/onnx';
import { FixresRunnerError } from '../errors.ts';
import {
  cropBorder,
  cropWindow,
  type GeometryNodes,
  resizedSize,
} from '../preprocessing/contract-geometry.ts';

/** The operator Cast takes types by their codes in `onnx.proto`. */
const FLOAT32 = 1;
const INT64 = 7;
const FLOAT64 = 11;

/**
 * Puts a contract's preprocessing before the model in a graph, whose input becomes `levels`: uint8
 * levels of decoded images of any size, all of one size in a batch. The same steps as `drawPixels`:
 * sizes and crops are computed exactly, and levels differ by at most one, because ONNX Runtime
 * rounds the weights of its filters differently.
 *
 * @param graph its input is float32 with channels first; it is changed
 * @param layout order of the axes of the new input
 * @throws FixresRunnerError `bad-option` for a filter that ONNX does not have
 */
export function addPreprocessing(
  graph: OnnxGraph,
  contract: PreprocessingContract,
  layout: 'NHWC' | 'NCHW',
): void {
  if (contract.interpolation === 'lanczos3')
    throw new FixresRunnerError(
      'bad-option',
      'Option --with-preprocessing does not support interpolation lanczos3 of the contract; ONNX has bilinear and bicubic.',
    );
  const [former] = graph.inputs;
  const model = graph.nodes;
  graph.nodes = [];
  const images = graph.freshName('levels');
  const names = ['height', 'width'];
  graph.inputs = [
    {
      name: images,
      type: 'uint8',
      dims: layout === 'NHWC' ? ['batch', ...names, 3] : ['batch', 3, ...names],
    },
  ];
  const prepared = new PreprocessingNodes(graph, contract).add(images, layout);
  for (const node of model)
    node.inputs = node.inputs.map((name) => (name === former!.name ? prepared : name));
  graph.nodes.push(...model);
}

class PreprocessingNodes {
  readonly #graph: OnnxGraph;
  readonly #contract: PreprocessingContract;
  readonly #geometry: GeometryNodes<string>;

  constructor(graph: OnnxGraph, contract: PreprocessingContract) {
    this.#graph = graph;
    this.#contract = contract;
    const unary =
      (op: string, attributes?: Readonly<Record<string, OnnxAttribute>>) =>
      (x: string, name: string): string =>
        this.#node(op, [x], name, attributes);
    const binary =
      (op: string) =>
      (a: string, b: string, name: string): string =>
        this.#node(op, [a, b], name);
    this.#geometry = {
      integers: (values, name) => graph.integers(`preprocessing/${name}`, values),
      exact: unary('Cast', { to: FLOAT64 }),
      whole: unary('Cast', { to: INT64 }),
      add: binary('Add'),
      subtract: binary('Sub'),
      multiply: binary('Mul'),
      divide: binary('Div'),
      negate: unary('Neg'),
      maximum: binary('Max'),
      least: unary('ReduceMin', { keepdims: 1 }),
      greatest: unary('ReduceMax', { keepdims: 1 }),
      floor: unary('Floor'),
      roundHalfEven: unary('Round'),
      isNegative: (x, name) =>
        this.#node('Less', [x, graph.integers('preprocessing/nothing', [0])], name),
      where: (condition, then, otherwise, name) =>
        this.#node('Where', [condition, then, otherwise], name),
    };
  }

  add(images: string, layout: 'NHWC' | 'NCHW'): string {
    const { input } = this.#contract;
    const x =
      layout === 'NCHW'
        ? images
        : this.#node('Transpose', [images], 'channels_first', { perm: [0, 3, 1, 2] });
    const size = resizedSize(this.#geometry, this.#contract, {
      both: () => this.#node('Shape', [x], 'sides', { start: 2, end: 4 }),
      height: () => this.#node('Shape', [x], 'height', { start: 2, end: 3 }),
    });
    const cropped = this.#crop(this.#resize(x, size), size);
    // Fails for an image that is smaller than the crop, and states the size to the model.
    const shape = this.#graph.integers('preprocessing/shape', [0, 3, input.height, input.width]);
    return this.#normalise(this.#node('Reshape', [cropped, shape], 'input'));
  }

  /** Levels after the resize, whole numbers as float32. */
  #resize(x: string, size: string): string {
    const { interpolation, antialias } = this.#contract;
    const kept = this.#node('Shape', [x], 'kept', { start: 0, end: 2 });
    const sizes = this.#node('Concat', [kept, size], 'sizes', { axis: 0 });
    const grid: Record<string, OnnxAttribute> = {
      coordinate_transformation_mode: 'half_pixel',
      ...(interpolation === 'bilinear'
        ? { mode: 'linear' }
        : { mode: 'cubic', cubic_coeff_a: { float: -0.5 } }),
      // Taps beyond the border are dropped, as in Pillow; tf.image.resize does so for bicubic.
      ...(antialias || interpolation === 'bicubic' ? { exclude_outside: 1 } : {}),
    };
    if (antialias) {
      // On uint8, ONNX Runtime rounds between the two sides as Pillow does.
      const resized = this.#node('Resize', [x, '', '', sizes], 'resized', {
        ...grid,
        antialias: 1,
      });
      return this.#node('Cast', [resized], 'levels', { to: FLOAT32 });
    }
    const exact = this.#node('Cast', [x], 'exact_levels', { to: FLOAT32 });
    const resized = this.#node('Resize', [exact, '', '', sizes], 'resized', grid);
    const half = this.#graph.floats('preprocessing/half', [0.5], []);
    const raised = this.#node('Add', [resized, half], 'raised');
    const bounds = [0, 255].map((bound) => this.#graph.floats('preprocessing/bound', [bound], []));
    return this.#node('Clip', [this.#node('Floor', [raised], 'rounded'), ...bounds], 'levels');
  }

  #crop(x: string, size: string): string {
    const { crop } = this.#contract;
    if (crop === undefined) return x;
    const window = cropWindow(this.#geometry, crop, size);
    if (crop.pad === undefined) return this.#window(x, window.start, window.wanted);
    // Subtracts the colour, so that the border can be zeros.
    const colour = this.#graph.floats('preprocessing/colour', crop.pad, [3, 1, 1]);
    const { none, before, after, inside } = cropBorder(this.#geometry, window, size);
    const pads = this.#node('Concat', [none, before, none, after], 'pads', { axis: 0 });
    const shifted = this.#node('Pad', [this.#node('Sub', [x, colour], 'shifted'), pads], 'padded');
    return this.#node('Add', [this.#window(shifted, inside, window.wanted), colour], 'bordered');
  }

  #window(x: string, start: string, size: string): string {
    const end = this.#node('Add', [start, size], 'window_end');
    const axes = this.#graph.integers('preprocessing/axes', [2, 3]);
    return this.#node('Slice', [x, start, end, axes], 'window');
  }

  #normalise(colours: string): string {
    const { normalisation, channelOrder } = this.#contract;
    const levels =
      channelOrder === 'bgr'
        ? this.#node(
            'Gather',
            [colours, this.#graph.integers('preprocessing/blue_first', [2, 1, 0])],
            'bgr',
            { axis: 1 },
          )
        : colours;
    if (normalisation.kind === 'scale') {
      const { scale, offset } = normalisation;
      if (scale === 1 && offset === 0) return levels;
      const factor = this.#graph.floats('preprocessing/scale', [scale], []);
      const scaled = this.#node('Mul', [levels, factor], 'scaled_levels');
      return this.#node(
        'Add',
        [scaled, this.#graph.floats('preprocessing/offset', [offset], [])],
        'normalised',
      );
    }
    const { mean, std } = normalisation;
    const most = this.#graph.floats('preprocessing/most', [255], []);
    const fraction = this.#node('Div', [levels, most], 'fraction');
    const centre = this.#graph.floats('preprocessing/mean', mean, [3, 1, 1]);
    const centred = this.#node('Sub', [fraction, centre], 'centred');
    return this.#node(
      'Div',
      [centred, this.#graph.floats('preprocessing/std', std, [3, 1, 1])],
      'normalised',
    );
  }

  #node(
    op: string,
    inputs: readonly string[],
    name: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    return this.#graph.add(op, inputs, `preprocessing/${name}`, attributes);
  }
}
