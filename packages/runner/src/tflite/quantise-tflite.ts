import type {
  TfliteGraph,
  TfliteOp,
  TfliteOperator,
  TfliteQuantisation,
  TfliteTensor,
} from '@fixres/models/tflite';
import { quantiseKernel } from '../quantisation/quantise-kernel.ts';
import { levelsOf, type ValueRange } from '../quantisation/value-range.ts';

/** Operators with a kernel, and the axis of its output channels. */
const kernelAxes: Partial<Record<TfliteOperator, number>> = {
  CONV_2D: 0,
  DEPTHWISE_CONV_2D: 3,
  FULLY_CONNECTED: 0,
};

/** The largest whole number of a kernel. TensorFlow Lite wants it symmetric, so not -128. */
const LARGEST = 127;

/** Operators whose result has a scale of its own. */
const ownScale = new Set<TfliteOperator>([
  'ADD',
  'CONCATENATION',
  'CONV_2D',
  'DEPTHWISE_CONV_2D',
  'FULLY_CONNECTED',
  'HARD_SWISH',
  'MEAN',
  'MUL',
  'RELU',
  'RELU6',
  'SUB',
]);

/** Operators that only choose or move numbers, so that their result has the scale of their input. */
const sameScale = new Set<TfliteOperator>([
  'AVERAGE_POOL_2D',
  'MAX_POOL_2D',
  'PAD',
  'REDUCE_MAX',
  'RESHAPE',
  'STRIDED_SLICE',
  'TRANSPOSE',
]);

/** Operators whose result has a scale that TensorFlow Lite prescribes. */
const prescribed: Partial<Record<TfliteOperator, TfliteQuantisation>> = {
  LOGISTIC: { scales: [1 / 256], zeros: [-128], axis: 0 },
  TANH: { scales: [1 / 128], zeros: [0], axis: 0 },
};

/**
 * Quantises a graph to 8 bits: kernels symmetrically with a scale per output channel, and what flows
 * between operators by its range. Operators that have no 8-bit version, a softmax, and a sigmoid
 * that is an output stay in single precision, and so do inputs and outputs.
 *
 * @param graph is changed
 * @param ranges of values, by the name of a tensor's `value`; operators without them stay as they are
 */
export function quantiseTflite(graph: TfliteGraph, ranges: ReadonlyMap<string, ValueRange>): void {
  new Quantisation(graph, ranges).run();
}

class Quantisation {
  readonly #graph: TfliteGraph;
  readonly #ranges: ReadonlyMap<string, ValueRange>;
  /** The 8-bit version of a tensor. */
  readonly #int8 = new Map<TfliteTensor, TfliteTensor>();
  /** Tensors whose float32 version is computed. */
  readonly #single = new Set<TfliteTensor>();

  constructor(graph: TfliteGraph, ranges: ReadonlyMap<string, ValueRange>) {
    this.#graph = graph;
    this.#ranges = ranges;
    for (const input of graph.inputs) this.#single.add(input);
  }

  run(): void {
    const ops = this.#graph.ops;
    this.#graph.ops = [];
    for (const op of ops) {
      if (this.#quantised(op)) continue;
      op.inputs = op.inputs.map((tensor) => this.#inSingle(tensor));
      this.#graph.ops.push(op);
      for (const output of op.outputs) this.#single.add(output);
    }
    for (const output of this.#graph.outputs) this.#inSingle(output);
  }

  /** Appends the 8-bit version of an operator, if it has one. */
  #quantised({ op, inputs, outputs, options }: TfliteOp): boolean {
    const [output] = outputs as [TfliteTensor];
    const append = (given: readonly TfliteTensor[], quantisation: TfliteQuantisation): true => {
      const { name, shape } = output;
      const whole: TfliteTensor = { name: `${name}/int8`, type: 'int8', shape, quantisation };
      this.#int8.set(output, whole);
      this.#graph.ops.push({ op, inputs: [...given], outputs: [whole], options });
      return true;
    };
    // Probabilities in 8 bits would have steps of 1/256.
    if (op === 'LOGISTIC' && this.#graph.outputs.includes(output)) return false;
    const fixed = prescribed[op];
    if (sameScale.has(op) || fixed) {
      // Only where the input has 8 bits already: there is nothing to gain otherwise.
      const [first, ...others] = inputs as [TfliteTensor, ...TfliteTensor[]];
      const x = this.#int8.get(first);
      return x ? append([x, ...others], fixed ?? x.quantisation!) : false;
    }
    const own = this.#levels(output);
    if (!ownScale.has(op) || own === undefined) return false;
    const axis = kernelAxes[op];
    const computed = inputs
      .filter(({ type }) => type === 'float32')
      .slice(0, axis === undefined ? undefined : 1);
    const wholes = computed.map((tensor) => this.#inInt8(tensor));
    if (!wholes.every((tensor) => tensor !== undefined)) return false;
    if (axis !== undefined) {
      const [, kernel, bias] = inputs as [TfliteTensor, TfliteTensor, TfliteTensor];
      return append([wholes[0]!, ...weightsOf(kernel, bias, axis, scaleOf(wholes[0]!))], own);
    }
    const given =
      op === 'CONCATENATION' ? wholes.map((tensor) => this.#rescaled(tensor, own)) : wholes;
    return append([...given, ...inputs.filter(({ type }) => type !== 'float32')], own);
  }

  /** How a tensor is quantised, if its range is known. */
  #levels({ value }: TfliteTensor): TfliteQuantisation | undefined {
    const range = value === undefined ? undefined : this.#ranges.get(value);
    return range && int8Levels(range);
  }

  #inInt8(tensor: TfliteTensor): TfliteTensor | undefined {
    const known = this.#int8.get(tensor);
    if (known !== undefined) return known;
    const { name, shape, data } = tensor;
    if (data !== undefined) return constantInInt8(name, shape, data as Float32Array);
    const quantisation = this.#levels(tensor);
    if (quantisation === undefined) return undefined;
    const whole = this.#rescaled(tensor, quantisation);
    this.#int8.set(tensor, whole);
    return whole;
  }

  /** The tensor as 8-bit numbers of the given scale. */
  #rescaled(tensor: TfliteTensor, quantisation: TfliteQuantisation): TfliteTensor {
    if (JSON.stringify(tensor.quantisation) === JSON.stringify(quantisation)) return tensor;
    const { name, shape } = tensor;
    const whole: TfliteTensor = { name: `${name}/quantised`, type: 'int8', shape, quantisation };
    this.#graph.ops.push({ op: 'QUANTIZE', inputs: [tensor], outputs: [whole], options: {} });
    return whole;
  }

  #inSingle(tensor: TfliteTensor): TfliteTensor {
    const whole = this.#int8.get(tensor);
    if (whole !== undefined && !this.#single.has(tensor)) {
      this.#graph.ops.push({ op: 'DEQUANTIZE', inputs: [whole], outputs: [tensor], options: {} });
      this.#single.add(tensor);
    }
    return tensor;
  }
}

function int8Levels(range: ValueRange): TfliteQuantisation {
  const { scale, zero } = levelsOf(range);
  return { scales: [scale], zeros: [zero - 128], axis: 0 };
}

function scaleOf({ quantisation }: TfliteTensor): number {
  return quantisation!.scales[0]!;
}

function constantInInt8(name: string, shape: readonly number[], data: Float32Array): TfliteTensor {
  const quantisation = int8Levels({
    low: data.reduce((a, b) => Math.min(a, b)),
    high: data.reduce((a, b) => Math.max(a, b)),
  });
  const [scale, zero] = [quantisation.scales[0]!, quantisation.zeros[0]!];
  return {
    name,
    type: 'int8',
    shape,
    data: Int8Array.from(data, (value) =>
      Math.max(-128, Math.min(127, Math.round(value / scale) + zero)),
    ),
    quantisation,
  };
}

/** Kernel and bias in whole numbers. */
function weightsOf(
  kernel: TfliteTensor,
  bias: TfliteTensor,
  axis: number,
  inputScale: number,
): [TfliteTensor, TfliteTensor] {
  const {
    data,
    scales,
    bias: whole,
  } = quantiseKernel({
    data: kernel.data as Float32Array,
    dims: kernel.shape,
    axis,
    bias: bias.data as Float32Array,
    inputScale,
    largest: LARGEST,
  });
  const zeros = Array<number>(scales.length).fill(0);
  return [
    {
      name: kernel.name,
      type: 'int8',
      shape: kernel.shape,
      data,
      quantisation: { scales: [...scales], zeros, axis },
    },
    {
      name: bias.name,
      type: 'int32',
      shape: bias.shape,
      data: whole!,
      quantisation: {
        scales: Array.from(scales, (scale) => Math.fround(scale * inputScale)),
        zeros,
        axis: 0,
      },
    },
  ];
}
