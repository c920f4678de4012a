/** Types of numbers, by their code in `schema.fbs` of TensorFlow Lite (`TensorType`). */
export const tensorTypes = { float32: 0, float16: 1, int32: 2, bool: 6, int8: 9 } as const;

export type TfliteType = keyof typeof tensorTypes;

/** How a window meets the border of an image (`Padding`). */
export const paddings = { same: 0, valid: 1 } as const;

/** What an operator does with its result (`ActivationFunctionType`). */
export const fusedActivations = { none: 0, relu: 1, 'relu-n1-to-1': 2, relu6: 3 } as const;

/** Fields of a table, in the order of their slots. */
type Fields = readonly (readonly [name: string, type: 'int8' | 'int32' | 'float32' | 'bool'])[];

interface OptionsTable {
  /** Its code in the union `BuiltinOptions`. */
  type: number;
  fields: Fields;
}

const activation = ['fusedActivationFunction', 'int8'] as const;
const stride = [
  ['strideW', 'int32'],
  ['strideH', 'int32'],
] as const;
const dilation = [
  ['dilationWFactor', 'int32'],
  ['dilationHFactor', 'int32'],
] as const;

const conv2D: OptionsTable = {
  type: 1,
  fields: [['padding', 'int8'], ...stride, activation, ...dilation],
};
const depthwiseConv2D: OptionsTable = {
  type: 2,
  fields: [['padding', 'int8'], ...stride, ['depthMultiplier', 'int32'], activation, ...dilation],
};
const pool2D: OptionsTable = {
  type: 5,
  fields: [
    ['padding', 'int8'],
    ...stride,
    ['filterWidth', 'int32'],
    ['filterHeight', 'int32'],
    activation,
  ],
};
const fullyConnected: OptionsTable = {
  type: 8,
  fields: [activation, ['weightsFormat', 'int8'], ['keepNumDims', 'bool']],
};
const reducer: OptionsTable = { type: 27, fields: [['keepDims', 'bool']] };
/** The grid of pixels: `halfPixelCenters` is that of TensorFlow 2. */
const grid = [
  ['alignCorners', 'bool'],
  ['halfPixelCenters', 'bool'],
] as const;

/** The operators that models are translated to. */
export type TfliteOperator =
  | 'ADD'
  | 'AVERAGE_POOL_2D'
  | 'CONCATENATION'
  | 'CONV_2D'
  | 'DEPTHWISE_CONV_2D'
  | 'DEQUANTIZE'
  | 'FULLY_CONNECTED'
  | 'LOGISTIC'
  | 'MAX_POOL_2D'
  | 'MUL'
  | 'RELU'
  | 'RELU_N1_TO_1'
  | 'RELU6'
  | 'RESHAPE'
  | 'RESIZE_BILINEAR'
  | 'SOFTMAX'
  | 'TANH'
  | 'PAD'
  | 'GATHER'
  | 'TRANSPOSE'
  | 'MEAN'
  | 'SUB'
  | 'DIV'
  | 'STRIDED_SLICE'
  | 'EXP'
  | 'LOG_SOFTMAX'
  | 'CAST'
  | 'PRELU'
  | 'MAXIMUM'
  | 'MINIMUM'
  | 'NEG'
  | 'GREATER'
  | 'TILE'
  | 'LOG'
  | 'SUM'
  | 'SQRT'
  | 'RSQRT'
  | 'REDUCE_MAX'
  | 'RESIZE_NEAREST_NEIGHBOR'
  | 'LEAKY_RELU'
  | 'SQUARED_DIFFERENCE'
  | 'ABS'
  | 'ELU'
  | 'QUANTIZE'
  | 'SELECT_V2'
  | 'BATCH_MATMUL'
  | 'GELU'
  | 'HARD_SWISH';

interface Operator {
  /** Its code in `BuiltinOperator`. */
  code: number;
  options?: OptionsTable;
  /** The first version of the operator that takes 8-bit numbers with a scale per channel. Default: 2. */
  int8Version?: number;
}

/** Their codes, options and versions. */
export const operators: Readonly<Record<TfliteOperator, Operator>> = {
  ADD: { code: 0, options: { type: 11, fields: [activation] } },
  AVERAGE_POOL_2D: { code: 1, options: pool2D },
  CONCATENATION: { code: 2, options: { type: 10, fields: [['axis', 'int32'], activation] } },
  CONV_2D: { code: 3, options: conv2D, int8Version: 3 },
  DEPTHWISE_CONV_2D: { code: 4, options: depthwiseConv2D, int8Version: 3 },
  DEQUANTIZE: { code: 6 },
  FULLY_CONNECTED: { code: 9, options: fullyConnected, int8Version: 4 },
  LOGISTIC: { code: 14 },
  MAX_POOL_2D: { code: 17, options: pool2D },
  MUL: { code: 18, options: { type: 21, fields: [activation] } },
  RELU: { code: 19 },
  RELU_N1_TO_1: { code: 20 },
  RELU6: { code: 21 },
  RESHAPE: { code: 22, int8Version: 1 },
  // Its first two fields are no longer used.
  RESIZE_BILINEAR: {
    code: 23,
    options: { type: 15, fields: [['newHeight', 'int32'], ['newWidth', 'int32'], ...grid] },
  },
  SOFTMAX: { code: 25, options: { type: 9, fields: [['beta', 'float32']] } },
  TANH: { code: 28 },
  PAD: { code: 34 },
  GATHER: { code: 36, options: { type: 23, fields: [['axis', 'int32']] } },
  TRANSPOSE: { code: 39 },
  MEAN: { code: 40, options: reducer },
  SUB: { code: 41, options: { type: 28, fields: [activation] } },
  DIV: { code: 42, options: { type: 29, fields: [activation] } },
  STRIDED_SLICE: {
    code: 45,
    options: {
      type: 32,
      fields: [
        ['beginMask', 'int32'],
        ['endMask', 'int32'],
      ],
    },
  },
  EXP: { code: 47 },
  LOG_SOFTMAX: { code: 50 },
  CAST: {
    code: 53,
    options: {
      type: 37,
      fields: [
        ['inDataType', 'int8'],
        ['outDataType', 'int8'],
      ],
    },
  },
  PRELU: { code: 54 },
  MAXIMUM: { code: 55 },
  MINIMUM: { code: 57 },
  NEG: { code: 59 },
  GREATER: { code: 61, options: { type: 44, fields: [] } },
  TILE: { code: 69, options: { type: 51, fields: [] } },
  LOG: { code: 73 },
  SUM: { code: 74, options: reducer },
  SQRT: { code: 75 },
  RSQRT: { code: 76 },
  REDUCE_MAX: { code: 82, options: reducer },
  RESIZE_NEAREST_NEIGHBOR: { code: 97, options: { type: 74, fields: grid } },
  LEAKY_RELU: { code: 98, options: { type: 75, fields: [['alpha', 'float32']] } },
  SQUARED_DIFFERENCE: { code: 99 },
  ABS: { code: 101 },
  ELU: { code: 111 },
  QUANTIZE: { code: 114 },
  SELECT_V2: { code: 123 },
  BATCH_MATMUL: {
    code: 126,
    options: {
      type: 101,
      fields: [
        ['adjX', 'bool'],
        ['adjY', 'bool'],
      ],
    },
  },
  HARD_SWISH: { code: 117, int8Version: 1 },
  GELU: { code: 150, options: { type: 116, fields: [['approximate', 'bool']] } },
};

/** Slots of the fields that are written, by table. */
export const slots = {
  buffer: { data: 0 },
  model: {
    count: 8,
    version: 0,
    operatorCodes: 1,
    subgraphs: 2,
    description: 3,
    buffers: 4,
    signatureDefs: 7,
  },
  operator: { count: 5, opcodeIndex: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4 },
  operatorCode: { count: 4, deprecatedCode: 0, version: 2, code: 3 },
  quantisation: { count: 7, scale: 2, zeroPoint: 3, quantizedDimension: 6 },
  signatureDef: { count: 5, inputs: 0, outputs: 1, key: 2 },
  subgraph: { count: 5, tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 },
  tensor: { count: 5, shape: 0, type: 1, buffer: 2, name: 3, quantisation: 4 },
  tensorMap: { count: 2, name: 0, index: 1 },
} as const;

/** Version of the schema, and the file's identifier. */
export const SCHEMA_VERSION = 3;
export const FILE_IDENTIFIER = 'TFL3';
