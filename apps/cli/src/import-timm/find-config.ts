import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isJsonObject } from '@fixres/models';
import { usage } from '../import-model/usage.ts';
import { isTimmConfig, readTimmConfig, type TimmConfig } from './timm-config.ts';

/** A config.json has a few kilobytes; one with the names of 21,841 classes has one megabyte. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * The configuration in the file of `--config`, or in `config.json` beside the weights.
 *
 * @returns undefined if the option is not given and there is none of timm
 */
export async function findConfig(
  weights: string,
  given: string | undefined,
): Promise<TimmConfig | undefined> {
  const file = given ?? join(dirname(weights), 'config.json');
  const json = await readJson(file);
  if (json !== undefined && isTimmConfig(json)) return readTimmConfig(json, file);
  if (given === undefined) return undefined;
  const what =
    json === undefined ? 'cannot be read as JSON' : 'is not one of timm: it has no pretrained_cfg';
  throw usage(`Option --config is "${given}", which ${what}.`);
}

async function readJson(file: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) return undefined;
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isJsonObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
