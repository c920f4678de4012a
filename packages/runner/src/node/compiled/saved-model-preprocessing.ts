import type { PreprocessingContract } from '@fixres/data';
import { DataType, type Graph, type Output } from '@fixres/engine/graph';
import {
  cropBorder,
  cropWindow,
  type GeometryNodes,
  resizedSize,
} from '../../preprocessing/contract-geometry.ts';
import { NodeBuilder, typed, typeOf } from './node-builder.ts';
import { addUprightNodes } from './upright-nodes.ts';

/**
 * Adds ops that prepare decoded images as a contract states, with the steps of `drawPixels`. Sizes and crops are
 * computed exactly. Levels differ by at most one, because TensorFlow's filters have float32 weights.
 *
 * @param levels uint8, [images, height, width, 3], all images of one size
 * @param contract its interpolation is not lanczos3
 * @returns float32, [images, height, width, 3], or channels first if the contract states that
 */
export function addLevelsPreprocessing(
  graph: Graph,
  levels: Output,
  contract: PreprocessingContract,
): Output {
  return new PreprocessingNodes(graph, contract).add(levels);
}

/**
 * Adds ops that decode one image, and prepare it as {@link addLevelsPreprocessing} does.
 *
 * @param bytes string, a JPEG or PNG file; its colour profile is not applied
 * @returns float32, as {@link addLevelsPreprocessing}, without the first dimension
 */
export function addBytesPreprocessing(
  graph: Graph,
  bytes: Output,
  contract: PreprocessingContract,
): Output {
  const nodes = new PreprocessingNodes(graph, contract);
  // This op also decodes PNG, and has a choice of transforms that DecodeImage does not have.
  const image = nodes.node('DecodeJpeg', [bytes], 'decoded', DataType.uint8, {
    channels: { kind: 'int', value: 3 },
    ratio: { kind: 'int', value: 1 },
    fancy_upscaling: { kind: 'bool', value: true },
    try_recover_truncated: { kind: 'bool', value: false },
    acceptable_fraction: { kind: 'float', value: 1 },
    dct_method: {
      kind: 'string',
      value: contract.decode === 'accurate' ? 'INTEGER_ACCURATE' : 'INTEGER_FAST',
    },
  });
  const one = nodes.node('ExpandDims', [image, nodes.scalar(0)], 'one', DataType.uint8, {
    T: typed(DataType.uint8),
    Tdim: typed(DataType.int32),
  });
  const prepared = nodes.add(addUprightNodes(graph, bytes, one));
  return nodes.reshape(prepared, modelShape(contract), 'example');
}

/** The shape of one prepared image. */
export function modelShape({ input, layout }: PreprocessingContract): number[] {
  const { width, height } = input;
  return layout === 'NHWC' ? [height, width, 3] : [3, height, width];
}

class PreprocessingNodes extends NodeBuilder {
  readonly #contract: PreprocessingContract;
  readonly #geometry: GeometryNodes<Output>;

  constructor(graph: Graph, contract: PreprocessingContract) {
    super(graph, 'preprocessing');
    this.#contract = contract;
    this.#geometry = this.#geometryNodes();
  }

  add(levels: Output): Output {
    const { input, layout } = this.#contract;
    const size = resizedSize(this.#geometry, this.#contract, {
      both: () => this.#sides(levels, 'sides', 3),
      height: () => this.#sides(levels, 'height', 2),
    });
    const cropped = this.#crop(this.#resize(levels, size), size);
    // Fails for an image that is smaller than the crop, and states the size to the model.
    const sized = this.reshape(cropped, [-1, input.height, input.width, 3], 'input');
    const normalised = this.#normalise(sized);
    return layout === 'NHWC'
      ? normalised
      : this.transpose(normalised, this.graph.ints([0, 3, 1, 2]), 'channels_first');
  }

  #geometryNodes(): GeometryNodes<Output> {
    const unary =
      (op: string) =>
      (x: Output, name: string): Output =>
        this.node(op, [x], name, typeOf(x));
    const binary =
      (op: string) =>
      (a: Output, b: Output, name: string): Output =>
        this.node(op, [a, b], name, typeOf(a));
    const reduction =
      (op: string) =>
      (x: Output, name: string): Output =>
        this.node(op, [x, this.graph.ints([0])], name, typeOf(x), {
          T: typed(typeOf(x)),
          Tidx: typed(DataType.int32),
          keep_dims: { kind: 'bool', value: true },
        });
    return {
      integers: (values) => this.integers(values),
      exact: (x, name) => this.cast(x, DataType.float64, name),
      whole: (x, name) => this.cast(x, DataType.int64, name),
      add: binary('AddV2'),
      subtract: binary('Sub'),
      multiply: binary('Mul'),
      divide: (a, b, name) =>
        this.node(
          typeOf(a) === DataType.int64 ? 'TruncateDiv' : 'RealDiv',
          [a, b],
          name,
          typeOf(a),
        ),
      negate: unary('Neg'),
      maximum: binary('Maximum'),
      least: reduction('Min'),
      greatest: reduction('Max'),
      floor: unary('Floor'),
      roundHalfEven: unary('Round'),
      isNegative: (x, name) => this.node('Less', [x, this.integers([0])], name, DataType.bool),
      where: (condition, then, otherwise, name) =>
        this.node('SelectV2', [condition, then, otherwise], name, typeOf(then), {
          T: typed(typeOf(then)),
        }),
    };
  }

  /** The dimensions of images from height to before `end`, int64. */
  #sides(x: Output, name: string, end: number): Output {
    const shape = this.shape(x, `${name}_shape`);
    return this.slice(shape, this.integers([1]), this.integers([end - 1]), name);
  }

  /** Levels after the resize, whole numbers as float32. */
  #resize(x: Output, size: Output): Output {
    const { interpolation, antialias } = this.#contract;
    if (antialias) return this.#antialiased(x, size);
    const pixels = this.cast(size, DataType.int32, 'pixels');
    const op = interpolation === 'bilinear' ? 'ResizeBilinear' : 'ResizeBicubic';
    const resized = this.node(op, [x, pixels], 'resized', DataType.float32, {
      T: typed(DataType.uint8),
      align_corners: { kind: 'bool', value: false },
      half_pixel_centers: { kind: 'bool', value: true },
    });
    return this.#rounded(resized, 'levels');
  }

  /** As Pillow: first the width, then the height, with whole levels between. */
  #antialiased(x: Output, size: Output): Output {
    const [height, width] = [0, 1].map((axis) =>
      this.slice(size, this.integers([axis]), this.integers([1]), axis ? 'columns' : 'rows'),
    );
    const sides = this.#sides(x, 'original', 3);
    const former = this.#sides(x, 'original_height', 2);
    const wide = this.#filtered(x, sides, this.join([former, width!], 'wide'), 'across');
    const wideSides = this.#sides(wide, 'wide_sides', 3);
    return this.#filtered(wide, wideSides, this.join([height!, width!], 'both'), 'down');
  }

  #filtered(x: Output, from: Output, to: Output, name: string): Output {
    const [before, after] = [from, to].map((side, i) =>
      this.cast(side, DataType.float32, `${name}_${i ? 'to' : 'from'}`),
    );
    const scale = this.node('RealDiv', [after!, before!], `${name}_scale`, DataType.float32);
    const pixels = this.cast(to, DataType.int32, `${name}_pixels`);
    const resized = this.node(
      'ScaleAndTranslate',
      [x, pixels, scale, this.floats([0, 0], [2])],
      `${name}_resized`,
      DataType.float32,
      {
        T: typed(typeOf(x)),
        kernel_type: {
          kind: 'string',
          value: this.#contract.interpolation === 'bilinear' ? 'triangle' : 'keyscubic',
        },
        antialias: { kind: 'bool', value: true },
      },
    );
    return this.#rounded(resized, `${name}_levels`);
  }

  #rounded(x: Output, name: string): Output {
    const raised = this.node('AddV2', [x, this.floats([0.5])], `${name}_raised`, typeOf(x));
    const whole = this.node('Floor', [raised], `${name}_whole`, typeOf(x));
    const positive = this.node('Maximum', [whole, this.floats([0])], `${name}_positive`, typeOf(x));
    return this.node('Minimum', [positive, this.floats([255])], name, typeOf(x));
  }

  #crop(x: Output, size: Output): Output {
    const { crop } = this.#contract;
    if (crop === undefined) return x;
    const window = cropWindow(this.#geometry, crop, size);
    if (crop.pad === undefined) return this.#window(x, window.start, window.wanted);
    // Subtracts the colour, so that the border can be zeros.
    const colour = this.floats(crop.pad, [3]);
    const { none, before, after, inside } = cropBorder(this.#geometry, window, size);
    const edges = [before, after].map((edge, i) => {
      const [outer, inner] = [0, 1].map((axis) =>
        this.slice(edge, this.integers([axis]), this.integers([1]), `edge_${i}_${axis}`),
      );
      return [outer!, inner!] as const;
    });
    const [[top, left], [bottom, right]] = edges as [
      readonly [Output, Output],
      readonly [Output, Output],
    ];
    const flat = this.join([none, top, bottom, left, right, none], 'pads');
    const pads = this.reshape(flat, [4, 2], 'pad_pairs');
    const shifted = this.node('Sub', [x, colour], 'shifted', typeOf(x));
    const padded = this.node('Pad', [shifted, pads], 'padded', typeOf(x), {
      T: typed(typeOf(x)),
      Tpaddings: typed(DataType.int64),
    });
    const bordered = this.#window(padded, inside, window.wanted);
    return this.node('AddV2', [bordered, colour], 'bordered', typeOf(x));
  }

  #window(x: Output, start: Output, size: Output): Output {
    const begin = this.join([this.integers([0]), start, this.integers([0])], 'window_start');
    // -1 is everything that is left.
    const extent = this.join([this.integers([-1]), size, this.integers([-1])], 'window_size');
    return this.slice(x, begin, extent, 'window');
  }

  #normalise(colours: Output): Output {
    const { normalisation, channelOrder } = this.#contract;
    const type = DataType.float32;
    const levels =
      channelOrder === 'bgr'
        ? this.node('ReverseV2', [colours, this.graph.ints([3])], 'bgr', type, {
            T: typed(type),
            Tidx: typed(DataType.int32),
          })
        : colours;
    if (normalisation.kind === 'scale') {
      const { scale, offset } = normalisation;
      if (scale === 1 && offset === 0) return levels;
      const scaled = this.node('Mul', [levels, this.floats([scale])], 'scaled_levels', type);
      return this.node('AddV2', [scaled, this.floats([offset])], 'normalised', type);
    }
    const { mean, std } = normalisation;
    const fraction = this.node('RealDiv', [levels, this.floats([255])], 'fraction', type);
    const centred = this.node('Sub', [fraction, this.floats(mean, [3])], 'centred', type);
    return this.node('RealDiv', [centred, this.floats(std, [3])], 'normalised', type);
  }
}
