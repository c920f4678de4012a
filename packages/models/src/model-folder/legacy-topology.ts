/**
 * The topology of a layers model as tfjs-layers reads it. Keras 3 writes some things in another way, and converters hand them on:
 * `batch_shape` for `batch_input_shape`, dtype policies as objects, the inputs of a node as tensors in call arguments, and the nodes
 * of a model inside of another counted without the one that made it (tfjs issue 8328). What is in the old form stays as it is.
 *
 * @param topology parsed JSON with Python's names (snake case)
 */
export function legacyTopology(topology: unknown): unknown {
  return converted(topology, new Set());
}

/** @param nested names of the models among the layers of the enclosing model, where Keras 3 wrote it */
function converted(value: unknown, nested: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => converted(item, nested));
  if (!isRecord(value)) return value;
  if (value.class_name === 'DTypePolicy' && isRecord(value.config)) return value.config.name;
  const inside = Array.isArray(value.layers) ? nestedModels(value.layers) : nested;
  const entries = Object.entries(value).map(([key, item]) => {
    if (key === 'batch_shape') return ['batch_input_shape', item];
    if (key === 'inbound_nodes' && Array.isArray(item)) return [key, item.map((node) => legacyNode(node, inside))];
    // Of a lone input or output Keras 3 writes the triple, the old form a list of one.
    if ((key === 'input_layers' || key === 'output_layers') && Array.isArray(item)) {
      const triples = (typeof item[0] === 'string' ? [item] : item) as History[];
      return [key, triples.map((history) => legacyHistory(history, inside))];
    }
    return [key, converted(item, inside)];
  });
  return Object.fromEntries(entries) as unknown;
}

/** Layer, node and tensor that an input comes from. */
type History = [layer: string, node: number, tensor: number];

const MODELS: readonly unknown[] = ['Functional', 'Model', 'Sequential'];

/** Models among layers, none where the old form counts their nodes already. */
function nestedModels(layers: readonly unknown[]): ReadonlySet<string> {
  const records = layers.filter(isRecord);
  const isKeras3 = records.some(({ inbound_nodes: nodes }) => Array.isArray(nodes) && nodes.some(isRecord));
  return new Set(isKeras3 ? records.filter(({ class_name: name }) => MODELS.includes(name)).map(({ name }) => name as string) : []);
}

/** `{args: [tensors], kwargs}` to `[[layer, node, tensor, kwargs], ...]`. */
function legacyNode(node: unknown, nested: ReadonlySet<string>): unknown {
  if (!isRecord(node)) return node;
  const tensors = (Array.isArray(node.args) ? node.args : []).flat(Infinity).filter(isKerasTensor);
  const kwargs = isRecord(node.kwargs) ? Object.fromEntries(Object.entries(node.kwargs).filter(([, value]) => value !== null)) : {};
  return tensors.map(({ config }) => [...legacyHistory(config.keras_history, nested), kwargs]);
}

function legacyHistory([layer, node, tensor]: History, nested: ReadonlySet<string>): History {
  return [layer, nested.has(layer) ? node + 1 : node, tensor];
}

interface KerasTensor {
  config: { keras_history: History };
}

function isKerasTensor(value: unknown): value is KerasTensor {
  return isRecord(value) && value.class_name === '__keras_tensor__' && isRecord(value.config) && Array.isArray(value.config.keras_history);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
