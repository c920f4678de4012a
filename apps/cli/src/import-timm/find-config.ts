import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isJsonObject } from '@fixres/models';
import { ExitError } from '../command-line/exit-error.ts';
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
  const what = given === undefined ? `The file "${file}"` : `Option --config is "${given}", which`;
  const json = await readJson(file, what);
  if (json !== undefined && isTimmConfig(json)) return readTimmConfig(json, file);
  // Beside the weights there may be a file of another program.
  if (given === undefined) return undefined;
  throw usage(
    json === undefined
      ? `${what} does not exist.`
      : `${what} is not one of timm: it has no pretrained_cfg.`,
  );
}

/**
 * Undefined if there is no such file.
 *
 * @param what subject of the error if the file cannot be read
 */
async function readJson(
  file: string,
  what: string,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) throw usage(`${what} has ${size} bytes; ${MOST_BYTES} are allowed.`);
    const json: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isJsonObject(json) ? json : {};
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof ExitError) throw error;
    throw usage(`${what} cannot be read as JSON: ${(error as Error).message.split('\n', 1)[0]!}`);
  }
}
