import { PbfWriter } from 'pbf';
import {
  ONNX_OPSET,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  onnxTypes,
  type OnnxValue,
} from './onnx-graph.ts';

/** The version of the file format that belongs to the operator set. */
const IR_VERSION = 8;

/** `AttributeProto.AttributeType` of `onnx.proto`. */
const attributeTypes = { float: 1, int: 2, text: 3, ints: 7 } as const;

/**
 * The bytes of an ONNX file. Field numbers are those of `onnx.proto`, which ONNX never changes.
 *
 * @param graph with all its constants inside: a file has less than 2 GB
 */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const file = new PbfWriter();
  file.writeVarintField(1, IR_VERSION);
  writeText(file, 2, 'fixres');
  file.writeMessage(7, writeGraph, graph);
  file.writeMessage(8, writeOpset, ONNX_OPSET);
  for (const entry of graph.metadata) file.writeMessage(14, writeMetadata, entry);
  return file.finish();
}

function writeGraph(graph: OnnxGraph, message: PbfWriter): void {
  for (const node of graph.nodes) message.writeMessage(1, writeNode, node);
  writeText(message, 2, 'fixres');
  for (const constant of graph.constants) message.writeMessage(5, writeTensor, constant);
  for (const input of graph.inputs) message.writeMessage(11, writeValue, input);
  for (const output of graph.outputs) message.writeMessage(12, writeValue, output);
}

function writeOpset(version: number, message: PbfWriter): void {
  message.writeVarintField(2, version);
}

function writeMetadata([key, value]: [string, string], message: PbfWriter): void {
  writeText(message, 1, key);
  writeText(message, 2, value);
}

function writeNode(node: OnnxNode, message: PbfWriter): void {
  for (const input of node.inputs) writeText(message, 1, input);
  for (const output of node.outputs) writeText(message, 2, output);
  writeText(message, 3, node.name);
  writeText(message, 4, node.op);
  for (const attribute of Object.entries(node.attributes))
    message.writeMessage(5, writeAttribute, attribute);
}

function writeAttribute([name, value]: [string, OnnxAttribute], message: PbfWriter): void {
  writeText(message, 1, name);
  if (typeof value === 'number') {
    message.writeVarintField(3, value);
    message.writeVarintField(20, attributeTypes.int);
  } else if (typeof value === 'string') {
    writeText(message, 4, value);
    message.writeVarintField(20, attributeTypes.text);
  } else if ('float' in value) {
    message.writeFloatField(2, value.float);
    message.writeVarintField(20, attributeTypes.float);
  } else {
    for (const whole of value) message.writeVarintField(8, whole);
    message.writeVarintField(20, attributeTypes.ints);
  }
}

function writeTensor([name, { type, dims, data }]: [string, OnnxTensor], message: PbfWriter): void {
  for (const dim of dims) message.writeVarintField(1, dim);
  message.writeVarintField(2, onnxTypes[type]);
  writeText(message, 8, name);
  message.writeBytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue({ name, type, dims }: OnnxValue, message: PbfWriter): void {
  writeText(message, 1, name);
  message.writeMessage(2, writeType, { type, dims });
}

function writeType(value: Pick<OnnxValue, 'type' | 'dims'>, message: PbfWriter): void {
  message.writeMessage(1, writeTensorType, value);
}

function writeTensorType(
  { type, dims }: Pick<OnnxValue, 'type' | 'dims'>,
  message: PbfWriter,
): void {
  message.writeVarintField(1, onnxTypes[type]);
  message.writeMessage(2, writeShape, dims);
}

function writeShape(dims: OnnxValue['dims'], message: PbfWriter): void {
  for (const dim of dims) message.writeMessage(1, writeDimension, dim);
}

function writeDimension(dim: number | string, message: PbfWriter): void {
  if (typeof dim === 'number') message.writeVarintField(1, dim);
  else writeText(message, 2, dim);
}

/** For `writeString` of pbf 5.1, which encodes some characters wrongly: findings/pbf-high-characters.sh. */
function writeText(message: PbfWriter, field: number, text: string): void {
  message.writeBytesField(field, new TextEncoder().encode(text));
}
