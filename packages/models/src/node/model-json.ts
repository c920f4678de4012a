import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, type JsonValue } from '../card/json-value.ts';
import { type ModelCard, parseModelCard } from '../card/model-card.ts';
import { FixresModelsError } from '../errors.ts';

/** Topologies of the largest networks have a few megabytes. */
const MOST_JSON_BYTES = 256 * 2 ** 20;

/**
 * Reads the card of a model folder. Loads neither the model nor TensorFlow.js.
 *
 * @returns empty except for its version if another program wrote the folder
 * @throws FixresModelsError `not-found`, `damaged-model`, `bad-model-card`, `unknown-card-version`
 */
export async function readModelCard(folder: string): Promise<ModelCard> {
  return cardOf(await readModelJson(folder), join(folder, 'model.json'));
}

/** The card in a parsed model.json. @param where the file, for error messages */
export function cardOf(json: Readonly<Record<string, JsonValue>>, where: string): ModelCard {
  const { userDefinedMetadata: metadata } = json;
  return parseModelCard(isJsonObject(metadata) ? metadata.fixres : undefined, where);
}

/** Reads the model.json of a model folder. @throws FixresModelsError `not-found`, `damaged-model` */
export async function readModelJson(folder: string): Promise<Readonly<Record<string, JsonValue>>> {
  const file = join(folder, 'model.json');
  const { size } = await stat(file).catch((cause: unknown) => {
    throw new FixresModelsError(
      'not-found',
      `"${folder}" is not a model folder: it has no model.json.`,
      { cause },
    );
  });
  if (size > MOST_JSON_BYTES)
    throw damaged(`${file} has ${size} bytes; ${MOST_JSON_BYTES} are the most`);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw damaged(`${file} is not JSON: ${(cause as Error).message}`, cause);
  }
  if (!isJsonObject(json)) throw damaged(`${file} is not a JSON object`);
  return json;
}

/** @param what a sentence without its full stop */
export function damaged(what: string, cause?: unknown): FixresModelsError {
  return new FixresModelsError('damaged-model', `${what}.`, { cause });
}
