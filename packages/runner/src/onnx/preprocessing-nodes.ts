import type { PreprocessingContract } from '@fixres/data';
import type { OnnxAttribute, OnnxGraph } from '@fixres/models/onnx';
import { FixresRunnerError } from '../errors.ts';

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

  constructor(graph: OnnxGraph, contract: PreprocessingContract) {
    this.#graph = graph;
    this.#contract = contract;
  }

  add(images: string, layout: 'NHWC' | 'NCHW'): string {
    const { input } = this.#contract;
    const x =
      layout === 'NCHW'
        ? images
        : this.#node('Transpose', [images], 'channels_first', { perm: [0, 3, 1, 2] });
    const size = this.#resizedSize(x);
    const cropped = this.#crop(this.#resize(x, size), size);
    // Fails for an image that is smaller than the crop, and states the size to the model.
    const shape = this.#graph.integers('preprocessing/shape', [0, 3, input.height, input.width]);
    return this.#normalise(this.#node('Reshape', [cropped, shape], 'input'));
  }

  /** Height and width after the resize, int64. */
  #resizedSize(x: string): string {
    const { resize } = this.#contract;
    if (resize.rule === 'both-sides')
      return this.#graph.integers('preprocessing/size', [resize.height, resize.width]);
    const sides = this.#node('Shape', [x], 'sides', { start: 2, end: 4 });
    const target = this.#graph.integers('preprocessing/side', [resize.side]);
    const least = this.#graph.integers('preprocessing/least', [1]);
    if (resize.rule === 'long-side') {
      // As resizedLongSide, in double precision, and Round takes halves to even.
      const exact = this.#node('Cast', [sides], 'exact_sides', { to: FLOAT64 });
      const longest = this.#node('ReduceMax', [exact], 'longest', { keepdims: 1 });
      const wanted = this.#node('Cast', [target], 'exact_side', { to: FLOAT64 });
      const ratio = this.#node('Div', [longest, wanted], 'ratio');
      const rounded = this.#node('Round', [this.#node('Div', [exact, ratio], 'scaled')], 'rounded');
      const whole = this.#node('Cast', [rounded], 'whole', { to: INT64 });
      return this.#node('Max', [whole, least], 'size');
    }
    const base =
      resize.rule === 'height'
        ? this.#node('Shape', [x], 'base', { start: 2, end: 3 })
        : this.#node('ReduceMin', [sides], 'base', { keepdims: 1 });
    const scaled = this.#node('Mul', [sides, target], 'scaled');
    return this.#node('Max', [this.#node('Div', [scaled, base], 'divided'), least], 'size');
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
    const wanted = this.#graph.integers('preprocessing/crop', [crop.height, crop.width]);
    const rest = this.#node('Sub', [size, wanted], 'rest');
    const start = this.#margin(rest, crop.rounding);
    if (crop.pad === undefined) return this.#window(x, start, wanted);
    // Subtracts the colour, so that the border can be zeros.
    const colour = this.#graph.floats('preprocessing/colour', crop.pad, [3, 1, 1]);
    const none = this.#graph.integers('preprocessing/none', [0, 0]);
    const before = this.#node(
      'Max',
      [this.#node('Neg', [start], 'outside_before'), none],
      'before',
    );
    const end = this.#node('Add', [start, wanted], 'end');
    const after = this.#node(
      'Max',
      [this.#node('Sub', [end, size], 'outside_after'), none],
      'after',
    );
    const pads = this.#node('Concat', [none, before, none, after], 'pads', { axis: 0 });
    const shifted = this.#node('Pad', [this.#node('Sub', [x, colour], 'shifted'), pads], 'padded');
    const inside = this.#node('Max', [start, none], 'inside');
    return this.#node('Add', [this.#window(shifted, inside, wanted), colour], 'bordered');
  }

  /** As centredWindow: where a centred crop starts, given how much longer the sides are. */
  #margin(rest: string, rounding: 'floor' | 'half-even'): string {
    const two = this.#graph.integers('preprocessing/two', [2]);
    const exact = this.#node('Cast', [rest], 'exact_rest', { to: FLOAT64 });
    const half = this.#node(
      'Div',
      [exact, this.#node('Cast', [two], 'exact_two', { to: FLOAT64 })],
      'half_rest',
    );
    const op = rounding === 'floor' ? 'Floor' : 'Round';
    const whole = this.#node('Cast', [this.#node(op, [half], 'margin')], 'start', { to: INT64 });
    if (rounding === 'floor') return whole;
    // Below 0, half of the rest is rounded towards 0, as the division of whole numbers does.
    const nothing = this.#graph.integers('preprocessing/nothing', [0]);
    const negative = this.#node('Less', [rest, nothing], 'is_negative');
    return this.#node(
      'Where',
      [negative, this.#node('Div', [rest, two], 'towards_zero'), whole],
      'window_start',
    );
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
