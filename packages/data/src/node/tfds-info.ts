import { join } from 'node:path';
import { FixresDataError } from '../errors.ts';
import { asObject, jsonObject, readSmallFile } from './small-file.ts';

const MAX_INFO_BYTES = 2 ** 24;

/** What TensorFlow Datasets writes beside its TFRecord files; every part may be missing. */
export interface TfdsInfo {
  name?: string;
  /** Number of records of each shard, by split. */
  shardLengths: Map<string, number[]>;
  /** Names of the features that hold the image and its class. */
  imageKey?: string;
  labelKey?: string;
  /** In the order of the class numbers. */
  classNames?: string[];
}

/**
 * Reads `dataset_info.json`, `features.json` and `<label>.labels.txt` of a folder, as far as `files` lists them.
 *
 * @throws FixresDataError `bad-layout` for JSON that is none, `limit-exceeded`, `not-found`
 */
export async function readTfdsInfo(folder: string, files: ReadonlySet<string>): Promise<TfdsInfo> {
  const read = async (name: string): Promise<Record<string, unknown>> => {
    if (!files.has(name)) return {};
    const parsed = jsonObject(await readSmallFile(join(folder, name), MAX_INFO_BYTES));
    if (parsed) return parsed;
    throw new FixresDataError('bad-layout', `${join(folder, name)} holds no JSON object.`);
  };
  const info: TfdsInfo = { shardLengths: new Map() };

  const { name, splits } = await read('dataset_info.json');
  if (typeof name === 'string' && name !== '') info.name = name;
  for (const split of Array.isArray(splits) ? splits.map(asObject) : []) {
    const lengths = split?.shardLengths;
    // Protocol buffers write 64-bit numbers as text in JSON.
    if (typeof split?.name === 'string' && Array.isArray(lengths)) info.shardLengths.set(split.name, lengths.map(Number));
  }

  const features = asObject(asObject((await read('features.json')).featuresDict)?.features) ?? {};
  for (const [key, feature] of Object.entries(features)) {
    const kind = asObject(feature) ?? {};
    if ('image' in kind) info.imageKey ??= key;
    if ('classLabel' in kind) info.labelKey ??= key;
  }

  const labels = `${info.labelKey ?? 'label'}.labels.txt`;
  if (files.has(labels)) {
    const lines = (await readSmallFile(join(folder, labels), MAX_INFO_BYTES)).split(/\r?\n/);
    info.classNames = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  }
  return info;
}
