import type { LayersModel, LayerVariable, layers } from '@tensorflow/tfjs-layers';

/** The lists behind `layer.weights`, which does not change with freezing. They are declared private or protected. */
interface LayerVariables {
  readonly _trainableWeights?: LayerVariable[];
  readonly _nonTrainableWeights?: LayerVariable[];
}

/** A layer of a model, as Keras's weight files see it. */
export interface KerasLayer {
  name: string;
  /** Where `.weights.h5` has it, for example `layers/conv2d_1`. */
  path: string;
  /** Its own weights in Keras's order, whatever is frozen: trainable ones first. */
  variables: LayerVariable[];
}

/**
 * The layers of a model under the paths that Keras 3 gives them in `.weights.h5`: the class in snake case, numbered among the layers of
 * the same class in the model's order, input layers and layers without weights included; a model within the model has its layers below
 * its own path. (`_save_container_state` of keras/src/saving/saving_lib.py.)
 */
export function kerasLayers(model: LayersModel, path = ''): KerasLayer[] {
  const used = new Map<string, number>();
  return model.layers.flatMap((layer): KerasLayer[] => {
    const key = isModel(layer)
      ? layer.getClassName() === 'Sequential'
        ? 'sequential'
        : 'functional'
      : snakeCase(kerasClass(layer));
    const number = used.get(key) ?? 0;
    used.set(key, number + 1);
    const own = {
      name: layer.name,
      path: `${path}layers/${number === 0 ? key : `${key}_${number}`}`,
    };
    if (isModel(layer)) return [{ ...own, variables: [] }, ...kerasLayers(layer, `${own.path}/`)];
    const { _trainableWeights: trainable = [], _nonTrainableWeights: rest = [] } =
      layer as unknown as LayerVariables;
    return [{ ...own, variables: [...trainable, ...rest] }];
  });
}

/** Last part of a weight's name: `kernel`, `gamma`, ... */
export function weightName(variable: LayerVariable): string {
  return variable.originalName.split('/').at(-1)!;
}

function isModel(layer: layers.Layer | LayersModel): layer is LayersModel {
  return 'layers' in layer;
}

/** Layers of our own (`KerasConv2D`) are other classes to tfjs, and the same to Keras. */
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
