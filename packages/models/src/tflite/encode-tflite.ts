import { Builder } from 'flatbuffers';
import {
  FILE_IDENTIFIER,
  operators,
  SCHEMA_VERSION,
  slots,
  tensorTypes,
  type TfliteOperator,
} from './schema.ts';
import type { TfliteGraph, TfliteOp, TfliteTensor } from './tflite-graph.ts';

/** Bytes that numbers start at a multiple of, so that a runtime can map them. */
const ALIGNMENT = 16;

/** Up to this code, an operator's code is also stored in the 8 bits that older runtimes read. */
const LARGEST_OLD_CODE = 127;

/**
 * The bytes of a `.tflite` file with one subgraph, which is also the signature `serving_default`.
 *
 * @param graph with all its constants inside: a file has less than 2 GB
 */
export function encodeTflite(graph: TfliteGraph): Uint8Array {
  const tensors = tensorsOf(graph);
  const indices = new Map(tensors.map((tensor, i) => [tensor, i]));
  const codes = [...new Map(graph.ops.map((op) => [codeKey(op), op])).keys()];
  const bytes = tensors.reduce((sum, { data }) => sum + (data?.byteLength ?? 0), 0);
  const file = new Builder(bytes + 1024);
  const indexVector = (list: readonly TfliteTensor[]): number =>
    int32s(
      file,
      list.map((tensor) => indices.get(tensor)!),
    );

  // Buffer 0 is empty, for everything that is computed.
  const constants = tensors.filter(({ data }) => data !== undefined);
  const buffers = [undefined, ...constants].map((tensor) => writeBuffer(file, tensor?.data));
  const bufferOf = new Map(constants.map((tensor, i) => [tensor, i + 1]));
  const written = tensors.map((tensor) => writeTensor(file, tensor, bufferOf.get(tensor) ?? 0));
  const ops = graph.ops.map((op) => {
    const inputs = indexVector(op.inputs);
    const outputs = indexVector(op.outputs);
    return writeOperator(file, op, { inputs, outputs, code: codes.indexOf(codeKey(op)) });
  });
  const signature = writeSignature(file, graph, indices);
  const subgraph = writeSubgraph(file, {
    tensors: offsets(file, written),
    inputs: indexVector(graph.inputs),
    outputs: indexVector(graph.outputs),
    operators: offsets(file, ops),
  });

  const fields = slots.model;
  const content = {
    [fields.operatorCodes]: offsets(
      file,
      codes.map((key) => writeOperatorCode(file, key)),
    ),
    [fields.subgraphs]: offsets(file, [subgraph]),
    [fields.description]: file.createString('fixres'),
    [fields.buffers]: offsets(file, buffers),
    [fields.signatureDefs]: offsets(file, [signature]),
  };
  file.startObject(fields.count);
  file.addFieldInt32(fields.version, SCHEMA_VERSION, 0);
  for (const [slot, offset] of Object.entries(content))
    file.addFieldOffset(Number(slot), offset, 0);
  file.finish(file.endObject(), FILE_IDENTIFIER);
  return file.asUint8Array();
}

/** All tensors, each once: inputs, then in the order of the operators. */
function tensorsOf({ inputs, ops, outputs }: TfliteGraph): TfliteTensor[] {
  return [
    ...new Set([...inputs, ...ops.flatMap((op) => [...op.inputs, ...op.outputs]), ...outputs]),
  ];
}

/** An operator and its version as a text: files list each combination once. */
function codeKey({ op, inputs, outputs, options }: TfliteOp): string {
  const isInt8 = [...inputs, ...outputs].some(({ type }) => type === 'int8');
  const takesHalves = inputs.some(({ type }) => type === 'float16');
  const needed = [
    1,
    isInt8 && op !== 'QUANTIZE' ? (operators[op].int8Version ?? 2) : 1,
    takesHalves ? 3 : 1,
    options.keepNumDims === true ? 5 : 1,
    options.halfPixelCenters === true ? 3 : 1,
    op === 'DEPTHWISE_CONV_2D' && options.dilationHFactor !== 1 ? 2 : 1,
  ];
  return `${op} ${Math.max(...needed)}`;
}

function writeOperatorCode(file: Builder, key: string): number {
  const [op, version] = key.split(' ') as [TfliteOperator, string];
  const { code } = operators[op];
  const fields = slots.operatorCode;
  file.startObject(fields.count);
  file.addFieldInt8(fields.deprecatedCode, Math.min(code, LARGEST_OLD_CODE), 0);
  file.addFieldInt32(fields.version, Number(version), 1);
  file.addFieldInt32(fields.code, code, 0);
  return file.endObject();
}

function writeBuffer(file: Builder, data: TfliteTensor['data']): number {
  let vector = 0;
  if (data !== undefined) {
    file.prep(ALIGNMENT, data.byteLength);
    vector = file.createByteVector(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  file.startObject(1);
  file.addFieldOffset(slots.buffer.data, vector, 0);
  return file.endObject();
}

function writeTensor(
  file: Builder,
  { name, type, shape, quantisation }: TfliteTensor,
  buffer: number,
): number {
  const text = file.createString(name);
  const dims = int32s(file, shape);
  const numbers = quantisation && writeQuantisation(file, quantisation);
  const fields = slots.tensor;
  file.startObject(fields.count);
  file.addFieldOffset(fields.shape, dims, 0);
  file.addFieldInt8(fields.type, tensorTypes[type], 0);
  file.addFieldInt32(fields.buffer, buffer, 0);
  file.addFieldOffset(fields.name, text, 0);
  file.addFieldOffset(fields.quantisation, numbers ?? 0, 0);
  return file.endObject();
}

function writeQuantisation(
  file: Builder,
  { scales, zeros, axis }: NonNullable<TfliteTensor['quantisation']>,
): number {
  file.startVector(4, scales.length, 4);
  for (const scale of scales.toReversed()) file.addFloat32(scale);
  const scale = file.endVector();
  file.startVector(8, zeros.length, 8);
  for (const zero of zeros.toReversed()) file.addInt64(BigInt(zero));
  const zeroPoint = file.endVector();
  const fields = slots.quantisation;
  file.startObject(fields.count);
  file.addFieldOffset(fields.scale, scale, 0);
  file.addFieldOffset(fields.zeroPoint, zeroPoint, 0);
  file.addFieldInt32(fields.quantizedDimension, axis, 0);
  return file.endObject();
}

function writeOperator(
  file: Builder,
  { op, options }: TfliteOp,
  { inputs, outputs, code }: { inputs: number; outputs: number; code: number },
): number {
  const table = operators[op].options;
  let written = 0;
  if (table !== undefined) {
    file.startObject(table.fields.length);
    for (const [slot, [name, type]] of table.fields.entries()) {
      const value = Number(options[name] ?? 0);
      if (type === 'float32') file.addFieldFloat32(slot, value, 0);
      else if (type === 'int32') file.addFieldInt32(slot, value, 0);
      else file.addFieldInt8(slot, value, 0);
    }
    written = file.endObject();
  }
  const fields = slots.operator;
  file.startObject(fields.count);
  file.addFieldInt32(fields.opcodeIndex, code, 0);
  file.addFieldOffset(fields.inputs, inputs, 0);
  file.addFieldOffset(fields.outputs, outputs, 0);
  file.addFieldInt8(fields.optionsType, table?.type ?? 0, 0);
  file.addFieldOffset(fields.options, written, 0);
  return file.endObject();
}

function writeSignature(
  file: Builder,
  { inputs, outputs }: TfliteGraph,
  indices: ReadonlyMap<TfliteTensor, number>,
): number {
  const [given, returned] = [inputs, outputs].map((tensors) =>
    offsets(
      file,
      tensors.map((tensor) => {
        const name = file.createString(tensor.name);
        file.startObject(slots.tensorMap.count);
        file.addFieldOffset(slots.tensorMap.name, name, 0);
        file.addFieldInt32(slots.tensorMap.index, indices.get(tensor)!, 0);
        return file.endObject();
      }),
    ),
  );
  const key = file.createString('serving_default');
  const fields = slots.signatureDef;
  file.startObject(fields.count);
  file.addFieldOffset(fields.inputs, given!, 0);
  file.addFieldOffset(fields.outputs, returned!, 0);
  file.addFieldOffset(fields.key, key, 0);
  return file.endObject();
}

function writeSubgraph(
  file: Builder,
  parts: Record<'tensors' | 'inputs' | 'outputs' | 'operators', number>,
): number {
  const name = file.createString('main');
  const fields = slots.subgraph;
  file.startObject(fields.count);
  for (const part of ['tensors', 'inputs', 'outputs', 'operators'] as const)
    file.addFieldOffset(fields[part], parts[part], 0);
  file.addFieldOffset(fields.name, name, 0);
  return file.endObject();
}

/** A vector of tables. Vectors are written from their end. */
function offsets(file: Builder, list: readonly number[]): number {
  file.startVector(4, list.length, 4);
  for (const offset of list.toReversed()) file.addOffset(offset);
  return file.endVector();
}

function int32s(file: Builder, list: readonly number[]): number {
  file.startVector(4, list.length, 4);
  for (const value of list.toReversed()) file.addInt32(value);
  return file.endVector();
}
