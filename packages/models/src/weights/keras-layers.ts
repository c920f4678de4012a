import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';

/**
 * The lists behind `layer.weights`, which do not change with freezing. tfjs declares them private
 * or protected.
 */
interface LayerVariables {
  readonly _trainableWeights?: LayerVariable[];
  readonly _nonTrainableWeights?: LayerVariable[];
}

/** A layer of a model in terms of Keras's weight files. */
export interface KerasLayer {
  name: string;
  /** Path in `.weights.h5`, for example `layers/conv2d_1`. */
  path: string;
  /** Its own weights in Keras's order, regardless of freezing: trainable ones first. */
  variables: LayerVariable[];
}

/**
 * The layers of a model by the paths that Keras 3 gives them in `.weights.h5`: the class in snake
 * case, numbered among the layers of the same class in the model's order, including input layers
 * and layers without weights. The layers of a nested model are below its own path.
 * (`_save_container_state` of keras/src/saving/saving_lib.py.)
 */
export function kerasLayers(model: LayersModel, path = ''): KerasLayer[] {
  const numbered = layerPaths();
  return model.layers.flatMap((layer): KerasLayer[] => {
    const className = isModel(layer)
      ? layer.getClassName() === 'Sequential'
        ? 'Sequential'
        : 'Functional'
      : kerasClass(layer);
    const own = { name: layer.name, path: `${path}${numbered(className)}` };
    if (isModel(layer)) return [{ ...own, variables: [] }, ...kerasLayers(layer, `${own.path}/`)];
    return [{ ...own, variables: variablesOf(layer) }];
  });
}

/** Numbers the paths of a model's layers: gives that of the next layer of a class of Keras. */
export function layerPaths(): (className: string) => string {
  const used = new Map<string, number>();
  return (className) => {
    const key = snakeCase(className);
    const number = used.get(key) ?? 0;
    used.set(key, number + 1);
    return `layers/${number === 0 ? key : `${key}_${number}`}`;
  };
}

/** The weights of a layer in Keras's order, regardless of freezing: trainable ones first. */
export function variablesOf(layer: layers.Layer): LayerVariable[] {
  const { _trainableWeights: trainable = [], _nonTrainableWeights: rest = [] } =
    layer as unknown as LayerVariables;
  return [...trainable, ...rest];
}

/** Last part of a weight's name: `kernel`, `gamma`, ... */
export function weightName(variable: LayerVariable): string {
  return variable.originalName.split('/').at(-1)!;
}

function isModel(layer: layers.Layer | LayersModel): layer is LayersModel {
  return 'layers' in layer;
}

/** Our own layers (`KerasConv2D`) are separate classes in tfjs, but the same class in Keras. */
function kerasClass(layer: layers.Layer): string {
  return layer.getClassName().replace(/^Keras/, '');
}

/** `to_snake_case` of keras/src/utils/naming.py. */
export function snakeCase(className: string): string {
  return className
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
