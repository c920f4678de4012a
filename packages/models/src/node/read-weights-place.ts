import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { FixresModelsError } from '../errors.ts';
import { readKerasWeights } from '../weights/files/read-keras-weights.ts';
import type { KerasWeights, SavedLayer } from '../weights/keras-weights.ts';

/** Configurations and indices of the largest networks have a few megabytes. */
const MOST_JSON_BYTES = 256 * 2 ** 20;

/**
 * Reads everything that `readKerasWeights` reads, and what Keras stores in several files: an
 * unpacked `.keras` (a folder with `config.json` and `model.weights.h5`) and sharded weights
 * (`.weights.json`, with its `.weights.h5` files beside it).
 *
 * @param file path
 * @throws FixresModelsError `bad-weights-file`, `limit-exceeded`
 */
export async function readWeightsPlace(file: string, maxBytes: number): Promise<KerasWeights> {
  if ((await stat(file)).isDirectory()) {
    const config = await readJson(
      join(file, 'config.json'),
      `Folder "${file}" is not an unpacked .keras file`,
    );
    return { ...(await readOne(join(file, 'model.weights.h5'), maxBytes)), config };
  }
  return file.endsWith('.weights.json') ? readShards(file, maxBytes) : readOne(file, maxBytes);
}

async function readOne(file: string, maxBytes: number): Promise<KerasWeights> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw bad(`Weights file "${file}" cannot be read: ${(cause as Error).message}`, cause);
  });
  return readKerasWeights(bytes, { name: `"${file}"`, maxBytes });
}

async function readShards(file: string, maxBytes: number): Promise<KerasWeights> {
  const { weight_map: map } = await readJson(file, `"${file}" is not an index of sharded weights`);
  if (!isJsonObject(map))
    throw bad(`"${file}" is not an index of sharded weights: it has no weight_map`);
  const names = new Set<JsonValue>(Object.values(map).flat());
  const layers = new Map<string, SavedLayer>();
  let left = maxBytes;
  for (const name of names) {
    // The files of an index must be next to it.
    if (typeof name !== 'string' || name === '' || name !== basename(name) || name.includes('\\'))
      throw bad(`"${file}" names ${JSON.stringify(name)}, which does not exist next to it`);
    const shard = await readOne(join(dirname(file), name), left);
    for (const layer of shard.layers) {
      left -= layer.arrays.reduce((sum, { values }) => sum + values.byteLength, 0);
      const before = layers.get(layer.path)?.arrays ?? [];
      layers.set(layer.path, {
        ...layer,
        arrays: [...before, ...layer.arrays].sort((a, b) => Number(a.name) - Number(b.name)),
      });
    }
  }
  return { layout: 'keras3', layers: [...layers.values()] };
}

async function readJson(
  file: string,
  otherwise: string,
): Promise<Readonly<Record<string, JsonValue>>> {
  try {
    const { size } = await stat(file);
    if (size > MOST_JSON_BYTES)
      throw new Error(`${basename(file)} has ${size} bytes; ${MOST_JSON_BYTES} are the most`);
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (!isJsonObject(json)) throw new Error(`${basename(file)} is not an object`);
    return json;
  } catch (cause) {
    throw bad(`${otherwise}: ${(cause as Error).message}`, cause);
  }
}

function bad(message: string, cause?: unknown): FixresModelsError {
  return new FixresModelsError('bad-weights-file', `${message}.`, { cause });
}
