import { PbfWriter } from 'pbf';
import { nestedMessage } from '../nested-message.ts';
import { type Attribute, type GraphNode, type Output, specOf } from '../graph-node.ts';
import { outputArgument } from './output-arguments.ts';

// Field numbers are those of saved_model.proto, meta_graph.proto, graph.proto, node_def.proto,
// attr_value.proto, tensor.proto, tensor_shape.proto, function.proto and op_def.proto.

/** Inputs and outputs of a function in a SavedModel. */
export interface Signature {
  inputs: ReadonlyMap<string, { output: Output; shape: readonly number[] }>;
  outputs: ReadonlyMap<string, { output: Output; shape: readonly number[] }>;
}

/** A function in the library of a graph, of one argument and one result. */
export interface LibraryFunction {
  name: string;
  /** Includes the argument. */
  nodes: readonly GraphNode[];
  argument: GraphNode;
  result: Output;
}

export interface SavedModelParts {
  nodes: readonly GraphNode[];
  functions?: readonly LibraryFunction[];
  signatures?: ReadonlyMap<string, Signature>;
}

/** The content of `saved_model.pb`. */
export function savedModelBytes({
  nodes,
  functions = [],
  signatures = new Map(),
}: SavedModelParts): Uint8Array {
  const model = new PbfWriter();
  // saved_model_schema_version
  model.writeVarintField(1, 1);
  nestedMessage(model, 2, (metaGraph) => {
    nestedMessage(metaGraph, 1, (info) => writeText(info, 4, 'serve'));
    nestedMessage(metaGraph, 2, (graph) => writeGraph(graph, nodes, functions));
    for (const [name, signature] of signatures)
      writeEntry(metaGraph, 5, name, (value) => writeSignature(value, signature));
  });
  return model.finish();
}

/** A GraphDef. */
export function graphBytes({ nodes }: Pick<SavedModelParts, 'nodes'>): Uint8Array {
  const graph = new PbfWriter();
  writeGraph(graph, nodes, []);
  return graph.finish();
}

function writeGraph(
  graph: PbfWriter,
  nodes: readonly GraphNode[],
  functions: readonly LibraryFunction[],
): void {
  for (const node of nodes)
    nestedMessage(graph, 1, (message) => writeNode(message, node, inputName));
  if (functions.length > 0)
    nestedMessage(graph, 2, (library) => {
      for (const one of functions)
        nestedMessage(library, 1, (message) => writeFunction(message, one));
    });
  // The version of TensorFlow's graph format; newer releases read it.
  nestedMessage(graph, 4, (versions) => versions.writeVarintField(1, 1000));
}

/** The name of an output in a graph. */
function tensorName({ node, index }: Output): string {
  return `${node.name}:${index}`;
}

/** The name of a node's input in a graph. */
function inputName({ node, index }: Output): string {
  return index === 0 ? node.name : `${node.name}:${index}`;
}

function writeFunction(
  message: PbfWriter,
  { name, nodes, argument, result }: LibraryFunction,
): void {
  // Inside a function, an output is named by its node and by the op's name for it.
  const inside = ({ node }: Output): string =>
    node === argument ? node.name : `${node.name}:${outputArgument(node.op)}:0`;
  const writeArgument = (argumentMessage: PbfWriter, text: string, output: Output): void => {
    writeText(argumentMessage, 1, text);
    argumentMessage.writeVarintField(3, specOf(output).type);
  };
  nestedMessage(message, 1, (signature) => {
    writeText(signature, 1, name);
    nestedMessage(signature, 2, (input) =>
      writeArgument(input, argument.name, { node: argument, index: 0 }),
    );
    nestedMessage(signature, 3, (output) => writeArgument(output, 'result', result));
  });
  for (const node of nodes)
    if (node !== argument) nestedMessage(message, 3, (each) => writeNode(each, node, inside));
  nestedMessage(message, 4, (entry) => {
    writeText(entry, 1, 'result');
    writeText(entry, 2, inside(result));
  });
}

function writeNode(message: PbfWriter, node: GraphNode, nameOf: (input: Output) => string): void {
  writeText(message, 1, node.name);
  writeText(message, 2, node.op);
  for (const input of node.inputs) writeText(message, 3, nameOf(input));
  for (const name of new Set(node.controls.map((control) => control.name)))
    writeText(message, 3, `^${name}`);
  for (const [name, attribute] of node.attributes)
    writeEntry(message, 5, name, (value) => writeAttribute(value, attribute));
}

function writeAttribute(message: PbfWriter, attribute: Attribute): void {
  const list = (write: (values: PbfWriter) => void): void => nestedMessage(message, 1, write);
  switch (attribute.kind) {
    case 'string':
      writeText(message, 2, attribute.value);
      break;
    case 'int':
      message.writeVarintField(3, attribute.value);
      break;
    case 'float':
      message.writeFloatField(4, attribute.value);
      break;
    case 'bool':
      message.writeBooleanField(5, attribute.value);
      break;
    case 'type':
      message.writeVarintField(6, attribute.value);
      break;
    case 'shape':
      nestedMessage(message, 7, (shape) => writeShape(shape, attribute.value));
      break;
    case 'shapes':
      list((values) => {
        for (const each of attribute.value)
          nestedMessage(values, 7, (shape) => writeShape(shape, each));
      });
      break;
    case 'function':
      nestedMessage(message, 10, (called) => writeText(called, 1, attribute.value));
      break;
    case 'ints':
      list((values) => values.writePackedVarint(3, [...attribute.value]));
      break;
    case 'floats':
      list((values) => values.writePackedFloat(4, [...attribute.value]));
      break;
    case 'bools':
      list((values) => values.writePackedBoolean(5, [...attribute.value]));
      break;
    case 'strings':
      list((values) => {
        for (const text of attribute.value) writeText(values, 2, text);
      });
      break;
    case 'types':
      list((values) => values.writePackedVarint(6, [...attribute.value]));
      break;
    case 'tensor': {
      const { shape, type, values } = attribute.value;
      nestedMessage(message, 8, (tensor) => {
        tensor.writeVarintField(1, type);
        nestedMessage(tensor, 2, (sides) => writeShape(sides, shape));
        tensor.writeBytesField(
          4,
          new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        );
      });
    }
  }
}

function writeShape(message: PbfWriter, shape: readonly number[]): void {
  for (const size of shape)
    nestedMessage(message, 2, (dimension) => dimension.writeVarintField(1, size));
}

function writeSignature(message: PbfWriter, { inputs, outputs }: Signature): void {
  const writeInfo = (info: PbfWriter, output: Output, shape: readonly number[]): void => {
    writeText(info, 1, tensorName(output));
    info.writeVarintField(2, specOf(output).type);
    nestedMessage(info, 3, (sides) => writeShape(sides, shape));
  };
  for (const [field, values] of [
    [1, inputs],
    [2, outputs],
  ] as const)
    for (const [name, { output, shape }] of values)
      writeEntry(message, field, name, (info) => writeInfo(info, output, shape));
  writeText(message, 3, 'tensorflow/serving/predict');
}

/** An entry of a map from text to messages. */
function writeEntry(
  message: PbfWriter,
  field: number,
  key: string,
  write: (value: PbfWriter) => void,
): void {
  nestedMessage(message, field, (entry) => {
    writeText(entry, 1, key);
    nestedMessage(entry, 2, write);
  });
}

const utf8 = new TextEncoder();

/** Text, which pbf (4 and 5) would write with other characters beyond U+1FFFF. */
function writeText(message: PbfWriter, field: number, text: string): void {
  message.writeBytesField(field, utf8.encode(text));
}
