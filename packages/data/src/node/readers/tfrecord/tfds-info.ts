import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresDataError } from '../../../errors.ts';
import { asObject, jsonObject, readSmallFile } from '../../files/small-file.ts';

const MAX_INFO_BYTES = 2 ** 24;

/** Metadata that TensorFlow Datasets writes beside its TFRecord files; any part can be missing. */
export interface TfdsInfo {
  name?: string;
  /** Number of records of each shard, by split. */
  shardLengths: Map<string, number[]>;
  /** Name of the image feature. */
  imageKey?: string;
  /** Other image features, if the metadata does not choose one. */
  otherImageKeys: string[];
  /** Name of the class feature, if it is certain. */
  labelKey?: string;
  /** All class features, sorted by name. */
  labelKeys: string[];
  /** Class names of `labelKey`, by class number. */
  classNames?: string[];
}

/**
 * Reads `dataset_info.json`, `features.json` and `<label>.labels.txt` of a folder, if they are there.
 * `supervised_keys` of the builder chooses the features. Without it, the label is the only class feature, if
 * there is one. features.json is sorted by name, so its order means nothing.
 *
 * @param labelKey the feature that the user wants, before all others
 * @throws FixresDataError `bad-layout` for invalid JSON, `limit-exceeded`, `not-found`
 */
export async function readTfdsInfo(folder: string, labelKey?: string): Promise<TfdsInfo> {
  const files = new Set(await readdir(folder));
  const read = async (name: string): Promise<Record<string, unknown>> => {
    if (!files.has(name)) return {};
    const parsed = jsonObject(await readSmallFile(join(folder, name), MAX_INFO_BYTES));
    if (parsed) return parsed;
    throw new FixresDataError('bad-layout', `${join(folder, name)} is not a JSON object.`);
  };
  const info: TfdsInfo = { shardLengths: new Map(), labelKeys: [], otherImageKeys: [] };

  const { name, splits, supervisedKeys } = await read('dataset_info.json');
  if (typeof name === 'string' && name !== '') info.name = name;
  for (const split of Array.isArray(splits) ? splits.map(asObject) : []) {
    const lengths = split?.shardLengths;
    // Protocol buffers write 64-bit numbers as text in JSON.
    if (typeof split?.name === 'string' && Array.isArray(lengths))
      info.shardLengths.set(split.name, lengths.map(Number));
  }

  const features = Object.entries(
    asObject(asObject((await read('features.json')).featuresDict)?.features) ?? {},
  );
  const ofKind = (kind: string): string[] =>
    features.flatMap(([key, feature]) => (kind in (asObject(feature) ?? {}) ? [key] : []));
  const [image, label] = supervisedPair(supervisedKeys);
  const imageKeys = ofKind('image');
  const imageKey = [image, 'image', imageKeys[0]].find(
    (key) => key !== undefined && imageKeys.includes(key),
  );
  if (imageKey !== undefined) info.imageKey = imageKey;
  if (imageKey !== image) info.otherImageKeys = imageKeys.filter((key) => key !== imageKey);
  info.labelKeys = ofKind('classLabel');
  const isFeature = features.some(([key]) => key === label);
  const sure =
    labelKey ?? (isFeature ? label : info.labelKeys.length === 1 ? info.labelKeys[0] : undefined);
  if (sure !== undefined) info.labelKey = sure;

  const labels = `${sure ?? 'label'}.labels.txt`;
  if (files.has(labels)) {
    // As in TensorFlow Datasets: names are trimmed, and empty ones are skipped.
    const lines = (await readSmallFile(join(folder, labels), MAX_INFO_BYTES)).split('\n');
    info.classNames = lines.map((line) => line.trim()).filter((line) => line !== '');
  }
  return info;
}

/** The names of `supervised_keys`, if they are a pair of features. */
function supervisedPair(keys: unknown): (string | undefined)[] {
  const items = asObject(asObject(keys)?.tuple)?.items;
  if (!Array.isArray(items) || items.length < 2) return [];
  return items
    .map((item) => asObject(item)?.featureKey)
    .map((key) => (typeof key === 'string' ? key : undefined));
}
