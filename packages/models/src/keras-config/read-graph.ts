import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import { CALLED_IN_TRAINING, calledInTraining } from './called-in-training.ts';
import { canonicalLayer } from './canonical-layer.ts';
import type { GraphNode, ModelGraph } from './graph-node.ts';
import { damaged, entriesOf, type LayerEntry, MODEL_CLASSES } from './layer-entries.ts';
import { layerCall, type LayerCall } from './layer-call.ts';

type JsonObject = Readonly<Record<string, JsonValue>>;

/**
 * Whether a configuration describes what its model computes: that of a Sequential or functional
 * model. A user-defined class computes what its code says, which no file contains.
 */
export function describesComputation(config: JsonValue | undefined): config is JsonObject {
  return (
    isJsonObject(config) &&
    typeof config.class_name === 'string' &&
    Object.hasOwn(MODEL_CLASSES, config.class_name) &&
    isJsonObject(config.config) &&
    Array.isArray(config.config.layers)
  );
}

/**
 * The computation of a model in prediction, from the configuration that Keras 2, tf_keras, Keras 3
 * or tfjs wrote.
 *
 * @throws FixresModelsError `unsupported-model` for several inputs or outputs, quantised layers and
 * calls in training mode; `bad-weights-file` if the configuration contradicts itself
 */
export function modelGraph(config: JsonValue): ModelGraph {
  if (!describesComputation(config)) throw damaged('it is not a Sequential or functional model');
  const found: { shape?: readonly (number | null)[] } = {};
  const outputs = outputsOf(config, undefined, '', found);
  const [output] = outputs;
  if (output === undefined || outputs.length > 1)
    throw unsupported(`The model has ${outputs.length} outputs; only one is supported.`);
  return { output, inputShape: found.shape ?? [null, null, 3] };
}

/** @param inputs undefined for the outermost model, which has its own */
function outputsOf(
  { class_name: className, config }: JsonObject,
  inputs: readonly GraphNode[] | undefined,
  path: string,
  found: { shape?: readonly (number | null)[] },
): readonly GraphNode[] {
  const { layers, input_layers: starts, output_layers: ends } = config as JsonObject;
  const isSequential = className === 'Sequential';
  const entries = entriesOf(layers as JsonValue[], path, isSequential);
  const image = (entry: LayerEntry | undefined): GraphNode => {
    const shape = entry?.config.batch_shape ?? entry?.config.batch_input_shape;
    if (Array.isArray(shape)) found.shape ??= (shape as (number | null)[]).slice(1);
    return { op: 'Input', settings: {}, inputs: [], layer: entry?.name ?? 'input', path: '' };
  };
  const apply = (
    entry: LayerEntry,
    taken: readonly GraphNode[],
    call: LayerCall,
  ): readonly GraphNode[] => {
    if (calledInTraining(entry.className, call))
      throw unsupported(`Layer "${entry.name}" ${CALLED_IN_TRAINING}.`);
    if (Object.hasOwn(MODEL_CLASSES, entry.className))
      return outputsOf(
        { class_name: entry.className, config: entry.config },
        taken,
        `${entry.path}/`,
        found,
      );
    return [nodeOf(entry, taken, call)];
  };

  if (isSequential) {
    const start = inputs?.[0] ?? image(entries[0]);
    const end = entries
      .filter(({ className: each }) => each !== 'InputLayer')
      .reduce(
        (x, entry) => apply(entry, [x], { tensors: [], args: ['tensor'], kwargs: {} })[0]!,
        start,
      );
    return [end];
  }

  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const startNames = endsOf(starts).map(([name]) => name);
  if (inputs === undefined && startNames.length !== 1)
    throw unsupported(
      `The model has ${startNames.length} inputs; only one image batch is supported.`,
    );
  const offsets = callOffsets(entries, endsOf(ends));
  const known = new Map<string, readonly GraphNode[]>();
  const resolve = (name: string, number: number, tensor: number): GraphNode => {
    const key = JSON.stringify([name, number]);
    let outputs = known.get(key);
    if (!outputs) {
      const entry = byName.get(name);
      if (!entry) throw damaged(`layer "${name}" is called, but does not exist`);
      if (entry.className === 'InputLayer') {
        const at = startNames.indexOf(name);
        outputs = [inputs?.[at] ?? image(entry)];
      } else {
        const raw = entry.calls[number - offsets.get(name)!];
        if (raw === undefined) throw damaged(`layer "${name}" has no call ${number}`);
        const call = layerCall(raw);
        outputs = apply(
          entry,
          call.tensors.map(([from, at, which]) => resolve(from, at, which)),
          call,
        );
      }
      known.set(key, outputs);
    }
    const output = outputs[tensor];
    if (!output) throw damaged(`layer "${name}" has no output ${tensor}`);
    return output;
  };
  return endsOf(ends).map((end) => resolve(...end));
}

function nodeOf(
  { className, name, config, path, isFunction }: LayerEntry,
  inputs: readonly GraphNode[],
  { args, kwargs }: LayerCall,
): GraphNode {
  if (isFunction) {
    const op = typeof config.function === 'string' ? config.function : className;
    return {
      op,
      settings: { args, kwargs, options: JSON.stringify(config) },
      inputs,
      layer: name,
      path,
    };
  }
  const layer = canonicalLayer(className, config);
  if (layer === null) return inputs[0]!;
  const { op, settings, activation } = layer;
  const node: GraphNode = { op, settings, inputs, layer: name, path };
  return activation === undefined
    ? node
    : { op: 'Activation', settings: { activation }, inputs: [node], layer: name, path };
}

/**
 * Inputs or outputs of a model: a list of `[layer, call, tensor]`, or a single one without the
 * list.
 */
function endsOf(ends: JsonValue | undefined): (readonly [string, number, number])[] {
  const list = Array.isArray(ends) ? (ends as JsonValue[]) : [];
  return (typeof list[0] === 'string' ? [list] : list) as unknown as (readonly [
    string,
    number,
    number,
  ])[];
}

/** The number of the first call of each layer: Keras 2 counts those of nested models from 1. */
function callOffsets(
  entries: readonly LayerEntry[],
  ends: (readonly [string, number, number])[],
): ReadonlyMap<string, number> {
  const highest = new Map<string, number>();
  for (const [name, number] of [
    ...entries.flatMap(({ calls }) => calls.flatMap((raw) => layerCall(raw).tensors)),
    ...ends,
  ]) {
    highest.set(name, Math.max(highest.get(name) ?? 0, number));
  }
  return new Map(
    entries.map(({ name, calls }) => [
      name,
      calls.length > 0 && highest.get(name) === calls.length ? 1 : 0,
    ]),
  );
}

function unsupported(message: string): FixresModelsError {
  return new FixresModelsError('unsupported-model', message);
}
