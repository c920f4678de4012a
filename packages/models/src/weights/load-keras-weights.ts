import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, LayerVariable } from '@tensorflow/tfjs-layers';
import { FixresModelsError } from '../errors.ts';
import { type KerasLayer, kerasLayers, weightName } from './keras-layers.ts';
import type { KerasWeights, SavedArray, SavedLayer } from './keras-weights.ts';
import { arraysAt, type LayerPlace } from './arrays-at.ts';
import { type LayerMatch, matchLayers } from './match-layers.ts';
import {
  type ArrayPlace,
  WeightsMismatchError,
  type WeightsMismatches,
} from './weights-mismatch.ts';

export interface LoadKerasWeightsOptions {
  /**
   * Layers to skip, in the model and in the file. They keep their weights, for example a classifier
   * for other classes.
   */
  except?: readonly string[];
  /** Maps names of layers in the file to names in the model: `{ dense: 'predictions' }`. */
  rename?: Readonly<Record<string, string>>;
  /**
   * Where the file has the arrays of each layer, from `recogniseModel`; replaces the two options
   * above.
   */
  places?: ReadonlyMap<string, LayerPlace>;
}

/** Result of loading. */
export interface LoadedWeights {
  /** How the layers of file and model were matched, see {@link loadKerasWeights}. */
  matchedBy: 'name' | 'position' | 'configuration';
  /** Number of arrays. */
  arrays: number;
}

/**
 * Loads the weights of a Keras file into a model. Layers are matched by name if every layer of the
 * model has a namesake in the file, also across nested models; otherwise by position, as in Keras.
 * Within a layer, weights are matched by name if the file has Keras's names, otherwise by order.
 *
 * The weights of the model change only if all fit: names, counts and shapes.
 *
 * @param weights from `readKerasWeights`
 * @throws WeightsMismatchError with everything that does not fit; FixresModelsError `bad-option`
 */
export function loadKerasWeights(
  model: LayersModel,
  weights: KerasWeights,
  options: LoadKerasWeightsOptions = {},
): LoadedWeights {
  const { except = [], rename = {}, places } = options;
  const all = kerasLayers(model);
  if (places) return takeArrays(model, placedLayers(all, weights, places));
  for (const name of [...except, ...Object.values(rename)]) requireLayer(all, name, model.name);

  const layers = all.filter(
    ({ name, variables }) => variables.length > 0 && !except.includes(name),
  );
  const renamed = weights.layers.map((saved): SavedLayer =>
    saved.name !== undefined && Object.hasOwn(rename, saved.name)
      ? { ...saved, name: rename[saved.name]! }
      : saved,
  );
  const left = new Set(all.filter(({ name }) => except.includes(name)).map(({ path }) => path));
  const offered = renamed.filter((saved) =>
    saved.name === undefined ? !left.has(saved.path) : !except.includes(saved.name),
  );

  return takeArrays(model, matchLayers(layers, { ...weights, layers: offered }));
}

/**
 * Each layer of the model that has weights and a place, with its arrays in the file. The rest of
 * the file computes nothing that the model needs.
 */
function placedLayers(
  all: readonly KerasLayer[],
  weights: KerasWeights,
  places: ReadonlyMap<string, LayerPlace>,
): Match {
  const pairs = all.flatMap((layer) => {
    const place = places.get(layer.name);
    if (place === undefined || layer.variables.length === 0) return [];
    return [{ layer, saved: { ...place, arrays: [...arraysAt(weights, place)] } }];
  });
  return { matchedBy: 'configuration', pairs, unexpected: [] };
}

type Match = Omit<LayerMatch, 'matchedBy'> & Pick<LoadedWeights, 'matchedBy'>;

function takeArrays(model: LayersModel, { matchedBy, pairs, unexpected }: Match): LoadedWeights {
  const plan: [LayerVariable, SavedArray][] = [];
  const missing: ArrayPlace[] = [];
  const surplus: ArrayPlace[] = unexpected.flatMap((saved) =>
    saved.arrays.map((array) => placeInFile(saved, array)),
  );
  const wrongShape: WeightsMismatches['wrongShape'][number][] = [];
  for (const { layer, saved } of pairs) {
    const isWeight = layer.variables.map(({ dtype }) => dtype !== 'int32');
    const variables = layer.variables.filter((_, i) => isWeight[i]);
    const arrays = arraysInOrder(variables, withoutCount(saved?.arrays ?? [], isWeight));
    for (const [i, variable] of variables.entries()) {
      const place = {
        name: `${layer.name}/${weightName(variable)}`,
        shape: variable.shape as number[],
      };
      const array = arrays[i];
      if (!array) missing.push(place);
      else if (array.shape.join() !== place.shape.join())
        wrongShape.push({ ...place, found: array.shape });
      else plan.push([variable, array]);
    }
    if (saved)
      surplus.push(...arrays.slice(variables.length).map((array) => placeInFile(saved, array)));
  }
  if (missing.length + surplus.length + wrongShape.length > 0) {
    throw new WeightsMismatchError(model.name, { missing, unexpected: surplus, wrongShape });
  }
  tf.tidy(() => {
    for (const [variable, { values, shape }] of plan)
      variable.write(tf.tensor(values, shape, 'float32'));
  });
  return { matchedBy, arrays: plan.length };
}

/**
 * The layer Normalization counts what it was adapted to. Readers skip a count of integers; some files
 * have it as a floating-point number, in the place of the model's own.
 */
function withoutCount(
  arrays: readonly SavedArray[],
  isWeight: readonly boolean[],
): readonly SavedArray[] {
  return arrays.length === isWeight.length ? arrays.filter((_, i) => isWeight[i]) : arrays;
}

/** By name if all names exist, otherwise in the order of the file. */
function arraysInOrder(
  variables: readonly LayerVariable[],
  arrays: readonly SavedArray[],
): readonly SavedArray[] {
  const byName = new Map(arrays.map((array) => [array.name, array]));
  const named = variables.map((variable) => byName.get(weightName(variable)));
  if (named.length !== arrays.length || named.includes(undefined)) return arrays;
  return named as SavedArray[];
}

function placeInFile({ name, path }: SavedLayer, array: SavedArray): ArrayPlace {
  return { name: `${name ?? path}/${array.name}`, shape: array.shape };
}

function requireLayer(layers: readonly KerasLayer[], name: string, model: string): void {
  if (layers.some((layer) => layer.name === name)) return;
  throw new FixresModelsError(
    'bad-option',
    `Model ${model} has no layer ${JSON.stringify(name)} (options "except" and "rename").`,
  );
}
