import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import type { JsonValue } from '../card/json-value.ts';
import { type ApplicationName, isApplicationName } from '../model-names.ts';
import { FixresModelsError } from '../errors.ts';
import type { ApplicationWeights } from '../weights/application-weights.ts';

/** A network of `keras.applications` as Keras describes it. */
export interface Application extends ApplicationWeights {
  /** Numbers in all arrays, with the classifier of 1000 classes. */
  parameters: number;
  /** Side in pixels of the images that the weights are for. */
  imageSize: number;
}

/** One entry of the file; `classes` in the configuration stands for the number of classes. */
interface Entry extends Omit<Application, 'imageSize'> {
  /** The layer in which the network ends without its top; null if it is then another network. */
  features: string | null;
  config: Readonly<Record<string, JsonValue>>;
}

/** The parts of a functional model's configuration that change without its top. */
interface FunctionalConfig {
  layers: { config: { name: string } }[];
  output_layers: JsonValue;
  [field: string]: unknown;
}

interface InputConfig {
  config: { layers: [{ config: { batch_shape: (number | null)[] } }] };
}

/** Size of the weights of MobileNetV3, whose networks take any. */
const OPEN_SIZE = 224;

/** Written by scripts/make-applications.py. */
const FILE = new URL('../../data/applications.json.gz', import.meta.url);

let entries: Promise<Readonly<Record<ApplicationName, Entry>>> | undefined;

async function entryOf(name: string): Promise<Entry> {
  if (!isApplicationName(name)) {
    throw new FixresModelsError(
      'unknown-weights',
      `Application ${JSON.stringify(name)} is not one of keras.applications that is read from weights alone.`,
    );
  }
  entries ??= readFile(FILE).then(
    (bytes) => JSON.parse(gunzipSync(bytes).toString()) as Record<ApplicationName, Entry>,
  );
  return (await entries)[name];
}

/**
 * Parameters of a network of `keras.applications`, and where Keras hosts its ImageNet weights.
 *
 * @param name as in Keras, for example `EfficientNetB0`
 * @throws FixresModelsError `unknown-weights` for other names
 */
export async function application(name: string): Promise<Application> {
  const { parameters, url, hash, config } = await entryOf(name);
  const [input] = (config as unknown as InputConfig).config.layers;
  return { parameters, imageSize: input.config.batch_shape[1] ?? OPEN_SIZE, url, hash };
}

/**
 * The configuration of a network of `keras.applications`, as for its ImageNet weights, to be given
 * to `createKerasModel` with weights from a file that has none.
 *
 * @param classes number of classes; `null`: without the top, as with `include_top=False`
 * @param activation that of the classifier, as `classifier_activation` of Keras
 * @throws FixresModelsError `unknown-weights` for other names, and for `null` with those whose network
 *   without the top is not a part of the whole one: ConvNeXt
 */
export async function applicationConfig(
  name: string,
  classes: number | null,
  activation: 'softmax' | 'sigmoid' = 'softmax',
): Promise<Readonly<Record<string, JsonValue>>> {
  const { config, features } = await entryOf(name);
  if (classes === null) {
    if (features !== null) return withoutTop(config, features);
    throw new FixresModelsError(
      'unknown-weights',
      `Without its top, ${name} of keras.applications is a network of its own; weights alone are not read for it. A .keras file is.`,
    );
  }
  // Only classifiers of these networks have a softmax.
  const values: Readonly<Record<string, JsonValue>> = { classes, softmax: activation };
  return JSON.parse(JSON.stringify(config), (_, value: JsonValue) =>
    typeof value === 'string' && Object.hasOwn(values, value) ? values[value] : value,
  ) as Readonly<Record<string, JsonValue>>;
}

/** The configuration up to a layer, whose output becomes the model's. */
function withoutTop(
  config: Entry['config'],
  features: string,
): Readonly<Record<string, JsonValue>> {
  const whole = config.config as unknown as FunctionalConfig;
  const last = whole.layers.findIndex((layer) => layer.config.name === features);
  const cut = {
    ...whole,
    layers: whole.layers.slice(0, last + 1),
    output_layers: [features, 0, 0],
  };
  return { ...config, config: cut };
}
