import { type layers, LayersModel, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../errors.ts';
import { foldBatchNorm } from './graph/fold-batch-norm.ts';
import { foldPadding } from './graph/fold-padding.ts';
import { OnnxGraph } from './graph/onnx-graph.ts';
import { dropUnusedConstants } from './graph/uses-of.ts';
import { type GraphValue, LayoutGraph, type WeightArray } from './layer-call.ts';
import { translators } from './layers/translators.ts';

export interface OnnxFromModelOptions {
  /**
   * Order of the axes of images in the input: the model's own (default), or a model that takes
   * `[batch, height, width, channels]` gets `[batch, channels, height, width]` ("channels-first"),
   * or the reverse ("channels-last").
   */
  input?: 'own' | 'channels-first' | 'channels-last';
}

/**
 * Translates a layers model to ONNX in inference mode. Inside, channels come before height and
 * width. The number of images is free, and so are the sides that the model does not fix. Batch
 * normalisation is multiplied into the layer before it where nothing else reads that layer, and
 * layers of zero padding become the padding of the convolution after them.
 *
 * Inputs are float32: `images` if there is one, otherwise named as their layers. Outputs are
 * `output`, or `output_0`, `output_1`, ... The model is only read; it stays the caller's.
 *
 * @throws FixresModelsError `unsupported-model` naming the first layer that ONNX cannot express or
 * that is not supported
 */
export async function onnxFromModel(
  model: LayersModel,
  { input = 'own' }: OnnxFromModelOptions = {},
): Promise<OnnxGraph> {
  const translation = new Translation(new OnnxGraph(), await readWeights(model));
  translation.model(model, input);
  foldPadding(translation.graph);
  foldBatchNorm(translation.graph);
  dropUnusedConstants(translation.graph);
  return translation.graph;
}

type LayerWeights = ReadonlyMap<string, WeightArray>;

/** All weights by layer and name, read at once because some engines only read asynchronously. */
async function readWeights(model: LayersModel): Promise<Map<layers.Layer, LayerWeights>> {
  const read = new Map<layers.Layer, LayerWeights>();
  const inner = model.layers.flatMap(leaves);
  await Promise.all(
    inner.map(async (layer) => {
      const entries = layer.weights.map(async (weight) => {
        const tensor = weight.read();
        const name = weight.originalName.split('/').at(-1)!;
        const data = Float32Array.from(await tensor.data());
        return [name, { dims: tensor.shape, data }] as const;
      });
      read.set(layer, new Map<string, WeightArray>(await Promise.all(entries)));
    }),
  );
  return read;
}

function leaves(layer: layers.Layer): layers.Layer[] {
  return layer instanceof LayersModel ? layer.layers.flatMap(leaves) : [layer];
}

/** The values of a nested model's tensors during one call of it. */
interface Scope {
  readonly prefix: string;
  readonly bound: Map<number, GraphValue>;
  /** The scopes of nested models by their call. */
  readonly nested: Map<string, Scope>;
}

function nestedScope(
  { id, name, inputs: own }: LayersModel,
  call: number,
  inputs: readonly GraphValue[],
  { prefix, nested }: Scope,
): Scope {
  const key = `${id}:${call}`;
  const scope = nested.get(key) ?? {
    prefix: `${prefix}${name}/`,
    bound: new Map(own.map((input, i) => [input.id, inputs[i]!])),
    nested: new Map(),
  };
  nested.set(key, scope);
  return scope;
}

class Translation {
  readonly graph: OnnxGraph;
  readonly #layout: LayoutGraph;
  readonly #weights: ReadonlyMap<layers.Layer, LayerWeights>;

  constructor(graph: OnnxGraph, weights: ReadonlyMap<layers.Layer, LayerWeights>) {
    this.graph = graph;
    this.#layout = new LayoutGraph(graph);
    this.#weights = weights;
  }

  model(model: LayersModel, order: NonNullable<OnnxFromModelOptions['input']>): void {
    const scope: Scope = { prefix: '', bound: new Map(), nested: new Map() };
    for (const tensor of model.inputs) {
      const value = this.#input(
        tensor,
        model.inputs.length === 1 ? 'images' : tensor.sourceLayer.name,
        tensor.shape.length === 4 ? order : 'own',
      );
      scope.bound.set(tensor.id, value);
    }
    const results = model.outputs.map((tensor) => this.#resolve(tensor, scope));
    for (const [i, value] of results.entries()) {
      const wanted = results.length === 1 ? 'output' : `output_${i}`;
      const name = this.graph.add('Identity', [this.#layout.inOrder(value)], wanted);
      const dims = value.shape.map((side, axis) => side ?? (axis === 0 ? 'batch' : `side_${axis}`));
      this.graph.outputs.push({ name, type: 'float32', dims });
    }
  }

  #input(
    { shape }: SymbolicTensor,
    wanted: string,
    order: NonNullable<OnnxFromModelOptions['input']>,
  ): GraphValue {
    const dims = shape.map((side, i) => side ?? (i === 0 ? 'batch' : `side_${i}`));
    const given =
      order === 'own'
        ? dims
        : (order === 'channels-first' ? [0, 3, 1, 2] : [0, 2, 3, 1]).map((axis) => dims[axis]!);
    const name = this.graph.freshName(wanted);
    this.graph.inputs.push({ name, type: 'float32', dims: given });
    if (order !== 'channels-last')
      return { name, shape, channelsFirst: order === 'channels-first' };
    const perm = [0, 3, 1, 2];
    return {
      name: this.graph.add('Transpose', [name], `${name}/channels_first`, { perm }),
      shape,
      channelsFirst: false,
    };
  }

  #resolve(tensor: SymbolicTensor, scope: Scope): GraphValue {
    const known = scope.bound.get(tensor.id);
    if (known !== undefined) return known;
    const inputs = tensor.inputs.map((input) => this.#resolve(input, scope));
    const layer = tensor.sourceLayer;
    const value =
      layer instanceof LayersModel
        ? this.#resolve(
            layer.outputs[tensor.tensorIndex]!,
            nestedScope(layer, tensor.nodeIndex, inputs, scope),
          )
        : this.#call(layer, tensor, inputs, scope.prefix + layer.name);
    scope.bound.set(tensor.id, value);
    return value;
  }

  #call(
    layer: layers.Layer,
    { shape }: SymbolicTensor,
    inputs: readonly GraphValue[],
    path: string,
  ): GraphValue {
    const className = layer.getClassName();
    const translate = translators[className];
    const before = this.graph.nodes.length;
    const result =
      translate?.({
        graph: this.#layout,
        path,
        config: layer.getConfig(),
        inputs,
        outputShape: shape,
        weights: this.#weights.get(layer)!,
      }) ?? 'is of a class that has no translation';
    for (const node of this.graph.nodes.slice(before)) node.layer = { path, className };
    if (typeof result !== 'string') return result;
    throw new FixresModelsError(
      'unsupported-model',
      `Layer "${path}" (${className}) cannot be exported to ONNX: it ${result}.`,
    );
  }
}
