import { createRequire } from 'node:module';
import { join } from 'node:path';
import { FixresEngineError } from '../../errors.ts';
import { loadedNative } from '../../native/load-native.ts';
import { type Attribute, type GraphNode, type Output, specOf } from '../graph-node.ts';
import { outputArgument } from './output-arguments.ts';

/** A protocol buffer message of TensorFlow with setters, as in tfjs-node's generated classes. */
interface Message {
  [setter: `set${string}` | `add${string}`]: (value: unknown) => void;
  [getter: `get${string}Map`]: () => { set(key: string, value: Message | string): void };
  serializeBinary(): Uint8Array;
}

type MessageClass = (new () => Message) & Record<string, new () => Message>;

type Messages = Record<
  | 'AttrValue'
  | 'FunctionDef'
  | 'FunctionDefLibrary'
  | 'GraphDef'
  | 'MetaGraphDef'
  | 'NameAttrList'
  | 'NodeDef'
  | 'OpDef'
  | 'SavedModel'
  | 'SignatureDef'
  | 'Tensor'
  | 'TensorInfo'
  | 'TensorShape'
  | 'VersionDef',
  MessageClass
>;

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
  const messages = loadMessages();
  const metaGraph = new messages.MetaGraphDef();
  const info = new messages.MetaGraphDef.MetaInfoDef!();
  info.addTags!('serve');
  metaGraph.setMetaInfoDef!(info);
  metaGraph.setGraphDef!(graphMessage(messages, nodes, functions));
  for (const [name, signature] of signatures)
    metaGraph.getSignatureDefMap!().set(name, signatureMessage(messages, signature));
  const model = new messages.SavedModel();
  model.setSavedModelSchemaVersion!(1);
  model.addMetaGraphs!(metaGraph);
  return model.serializeBinary();
}

/** A GraphDef. */
export function graphBytes({ nodes }: Pick<SavedModelParts, 'nodes'>): Uint8Array {
  return graphMessage(loadMessages(), nodes, []).serializeBinary();
}

function graphMessage(
  messages: Messages,
  nodes: readonly GraphNode[],
  functions: readonly LibraryFunction[],
): Message {
  const graph = new messages.GraphDef();
  for (const node of nodes) graph.addNode!(nodeMessage(messages, node, inputName));
  if (functions.length > 0) {
    const library = new messages.FunctionDefLibrary();
    for (const one of functions) library.addFunction!(functionMessage(messages, one));
    graph.setLibrary!(library);
  }
  const versions = new messages.VersionDef();
  // Version of TensorFlow's graph format; newer releases read it.
  versions.setProducer!(1000);
  graph.setVersions!(versions);
  return graph;
}

/** The name of an output in a graph. */
function tensorName({ node, index }: Output): string {
  return `${node.name}:${index}`;
}

/** The name of a node's input in a graph. */
function inputName({ node, index }: Output): string {
  return index === 0 ? node.name : `${node.name}:${index}`;
}

function functionMessage(
  messages: Messages,
  { name, nodes, argument, result }: LibraryFunction,
): Message {
  // Inside a function, an output is named by its node and by the op's name for it.
  const inside = ({ node }: Output): string =>
    node === argument ? node.name : `${node.name}:${outputArgument(node.op)}:0`;
  const argumentMessage = (text: string, output: Output): Message => {
    const message = new messages.OpDef.ArgDef!();
    message.setName!(text);
    message.setType!(specOf(output).type);
    return message;
  };
  const signature = new messages.OpDef();
  signature.setName!(name);
  signature.addInputArg!(argumentMessage(argument.name, { node: argument, index: 0 }));
  signature.addOutputArg!(argumentMessage('result', result));
  const message = new messages.FunctionDef();
  message.setSignature!(signature);
  for (const node of nodes)
    if (node !== argument) message.addNodeDef!(nodeMessage(messages, node, inside));
  message.getRetMap!().set('result', inside(result));
  return message;
}

function nodeMessage(
  messages: Messages,
  node: GraphNode,
  nameOf: (input: Output) => string,
): Message {
  const message = new messages.NodeDef();
  message.setName!(node.name);
  message.setOp!(node.op);
  for (const input of node.inputs) message.addInput!(nameOf(input));
  for (const name of new Set(node.controls.map((control) => control.name)))
    message.addInput!(`^${name}`);
  const attributes = message.getAttrMap!();
  for (const [name, attribute] of node.attributes)
    attributes.set(name, attributeMessage(messages, attribute));
  return message;
}

function attributeMessage(messages: Messages, attribute: Attribute): Message {
  const message = new messages.AttrValue();
  const list = (setter: `set${string}`, values: readonly unknown[]): void => {
    const value = new messages.AttrValue.ListValue!();
    value[setter]!([...values]);
    message.setList!(value);
  };
  switch (attribute.kind) {
    case 'string':
      message.setS!(new TextEncoder().encode(attribute.value));
      break;
    case 'int':
      message.setI!(attribute.value);
      break;
    case 'float':
      message.setF!(attribute.value);
      break;
    case 'bool':
      message.setB!(attribute.value);
      break;
    case 'type':
      message.setType!(attribute.value);
      break;
    case 'shape':
      message.setShape!(shapeMessage(messages, attribute.value));
      break;
    case 'shapes':
      list(
        'setShapeList',
        attribute.value.map((shape) => shapeMessage(messages, shape)),
      );
      break;
    case 'function': {
      const called = new messages.NameAttrList();
      called.setName!(attribute.value);
      message.setFunc!(called);
      break;
    }
    case 'ints':
      list('setIList', attribute.value);
      break;
    case 'floats':
      list('setFList', attribute.value);
      break;
    case 'bools':
      list('setBList', attribute.value);
      break;
    case 'strings':
      list(
        'setSList',
        attribute.value.map((text) => new TextEncoder().encode(text)),
      );
      break;
    case 'types':
      list('setTypeList', attribute.value);
      break;
    case 'tensor': {
      const { shape, type, values } = attribute.value;
      const tensor = new messages.Tensor();
      tensor.setDtype!(type);
      tensor.setTensorShape!(shapeMessage(messages, shape));
      tensor.setTensorContent!(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      message.setTensor!(tensor);
    }
  }
  return message;
}

function shapeMessage(messages: Messages, shape: readonly number[]): Message {
  const message = new messages.TensorShape();
  for (const size of shape) {
    const dimension = new messages.TensorShape.Dim!();
    dimension.setSize!(size);
    message.addDim!(dimension);
  }
  return message;
}

function signatureMessage(messages: Messages, { inputs, outputs }: Signature): Message {
  const message = new messages.SignatureDef();
  const infoOf = (output: Output, shape: readonly number[]): Message => {
    const info = new messages.TensorInfo();
    info.setName!(tensorName(output));
    info.setDtype!(specOf(output).type);
    info.setTensorShape!(shapeMessage(messages, shape));
    return info;
  };
  for (const [name, { output, shape }] of inputs)
    message.getInputsMap!().set(name, infoOf(output, shape));
  for (const [name, { output, shape }] of outputs)
    message.getOutputsMap!().set(name, infoOf(output, shape));
  message.setMethodName!('tensorflow/serving/predict');
  return message;
}

let loaded: Messages | undefined;

/** tfjs-node includes these classes to read SavedModels. */
function loadMessages(): Messages {
  if (loaded !== undefined) return loaded;
  const nativePackage = loadedNative();
  if (nativePackage === null)
    throw new FixresEngineError(
      'engine-unavailable',
      "the native engine is not loaded; call useEngine({ engine: 'tensorflow' }) first",
    );
  loaded = createRequire(import.meta.url)(
    join(nativePackage.folder, 'dist', 'proto', 'api_pb.js'),
  ) as Messages;
  return loaded;
}
