import {
  type ImageSize,
  imageSizeOf,
  type Interpolation,
  type TimmEvalOptions,
} from '@fixres/data';
import { isJsonObject, type JsonValue } from '@fixres/models';
import { usage } from '../import-model/usage.ts';

/** What timm's `config.json` states about a model; undefined for what it leaves out. */
export interface TimmConfig {
  architecture: string | undefined;
  /** Whether settings of the architecture were changed in depth or width. */
  modified: boolean;
  classNames: readonly string[] | undefined;
  mean: readonly [number, number, number] | undefined;
  std: readonly [number, number, number] | undefined;
  interpolation: Interpolation | undefined;
  cropPct: number | undefined;
  cropMode: TimmEvalOptions['mode'];
  /** Side of the images in pixels. */
  size: ImageSize | undefined;
  /** Number of attention heads. */
  heads: number | undefined;
  /** Pooling of the tokens of a vision transformer. */
  pooling: 'token' | 'average' | undefined;
}

/** PIL's filters under timm's names. */
const interpolations: Readonly<Record<string, Interpolation>> = {
  bilinear: 'bilinear',
  bicubic: 'bicubic',
  lanczos: 'lanczos3',
};

/** Settings in `model_args` that are visible in the tensors, or only matter in training. */
const depthsAndWidths: ReadonlySet<string> = new Set([
  'block_args',
  'channel_multiplier',
  'channels',
  'class_token',
  'depth',
  'depth_multiplier',
  'depths',
  'dims',
  'embed_dim',
  'fc_norm',
  'layers',
  'mlp_ratio',
  'no_embed_class',
  'num_heads',
  'patch_size',
  'reg_tokens',
  'stem_width',
]);
const harmless: ReadonlySet<string> = new Set([
  'drop_path_rate',
  'drop_rate',
  'dynamic_img_size',
  'global_pool',
  'img_size',
  'in_chans',
  'init_values',
  'num_classes',
]);

/** Whether a JSON object is a `config.json` of timm; other libraries use the same file name. */
export function isTimmConfig(json: Readonly<Record<string, unknown>>): boolean {
  return typeof json.architecture === 'string' && ('pretrained_cfg' in json || 'mean' in json);
}

/**
 * Reads the fields of timm's `config.json`, as the library writes it for the hub. Early versions
 * have the fields of `pretrained_cfg` at the top.
 *
 * @param file how errors refer to it
 */
export function readTimmConfig(json: Readonly<Record<string, unknown>>, file: string): TimmConfig {
  const read = reader(file, json);
  const settings = isJsonObject(json.pretrained_cfg)
    ? reader(file, json.pretrained_cfg, 'pretrained_cfg.')
    : read;
  const modelArgs = isJsonObject(json.model_args) ? json.model_args : {};
  const changed = Object.entries(modelArgs).filter(([key]) => !harmless.has(key));
  for (const [key, value] of changed) {
    if (!depthsAndWidths.has(key))
      throw usage(
        `${file} has model_args.${key} = ${JSON.stringify(value)}; models with this setting are not supported.`,
      );
  }
  const args = reader(file, modelArgs, 'model_args.');
  const [pool] = [read, args]
    .map((each) => each('global_pool', isPool, '"avg", or "token" for a vision transformer'))
    .filter((value) => value !== undefined);
  const heads = args('num_heads', isHeads, 'a whole number above 0');
  const size = settings('input_size', isImageSize, '[3, height, width] with sides from 8 to 4096');
  const interpolation = settings(
    'interpolation',
    (value): value is string => typeof value === 'string' && Object.hasOwn(interpolations, value),
    Object.keys(interpolations).join(', '),
  );
  return {
    architecture: read('architecture', isText, 'a name'),
    modified: changed.length > 0,
    classNames: read('label_names', isTexts, 'a list of names'),
    mean: settings('mean', isRgb, 'three numbers'),
    std: settings('std', isPositiveRgb, 'three numbers above 0'),
    interpolation: interpolation === undefined ? undefined : interpolations[interpolation],
    cropPct: settings('crop_pct', isFraction, 'a number above 0 and at most 1'),
    cropMode: settings('crop_mode', isCropMode, 'center, squash or border'),
    size: size && imageSizeOf({ height: size[1], width: size[2] }),
    heads,
    pooling: pool === 'avg' ? 'average' : pool === 'token' ? 'token' : undefined,
  };
}

type Read = <T extends JsonValue>(
  key: string,
  allowed: (value: JsonValue) => value is T,
  what: string,
) => T | undefined;

/** Reads fields of an object; null is absent. */
function reader(file: string, json: Readonly<Record<string, unknown>>, prefix = ''): Read {
  return (key, allowed, what) => {
    const value = (Object.hasOwn(json, key) ? json[key] : undefined) as JsonValue | undefined;
    if (value === undefined || value === null) return undefined;
    if (allowed(value)) return value;
    throw usage(`${file} has ${prefix}${key} = ${JSON.stringify(value)}; it must be ${what}.`);
  };
}

const isPool = (value: JsonValue): value is '' | 'avg' | 'token' =>
  value === '' || value === 'avg' || value === 'token';
const isHeads = (value: JsonValue): value is number => Number.isInteger(value) && Number(value) > 0;
const isText = (value: JsonValue): value is string => typeof value === 'string';
const isTexts = (value: JsonValue): value is readonly string[] =>
  Array.isArray(value) && (value as JsonValue[]).every(isText);
const isRgb = (value: JsonValue): value is [number, number, number] =>
  Array.isArray(value) && value.length === 3 && value.every((item) => typeof item === 'number');
const isPositiveRgb = (value: JsonValue): value is [number, number, number] =>
  isRgb(value) && value.every((item) => item > 0);
const isFraction = (value: JsonValue): value is number =>
  typeof value === 'number' && value > 0 && value <= 1;
const isCropMode = (value: JsonValue): value is NonNullable<TimmEvalOptions['mode']> =>
  value === 'center' || value === 'squash' || value === 'border';
const isImageSize = (value: JsonValue): value is [number, number, number] =>
  isRgb(value) &&
  value[0] === 3 &&
  value.slice(1).every((side) => Number.isInteger(side) && side >= 8 && side <= 4096);
