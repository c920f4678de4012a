import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FixresRunsError } from '../../errors.ts';
import { renameConfigKeys } from '../../experiment-file/renamed-keys.ts';
import { fieldsOf } from '../../fields.ts';
import type { RunConfig } from '../../experiment/run-config.ts';

/**
 * Reads `config.json` of a run folder, and checks the fields that all readers of runs need: a data
 * set, and an experiment with arms, test policies and seeds. Runs of earlier versions may lack
 * other fields; fields that were renamed get their new names.
 *
 * @throws FixresRunsError for a folder that is not a run, and for a configuration that is
 * incomplete or of another program
 */
export async function readRunConfig(folder: string): Promise<RunConfig> {
  const text = await readFile(join(folder, 'config.json'), 'utf8').catch((cause: unknown) => {
    throw new FixresRunsError(
      'bad-run',
      `"${folder}" is not a run: its config.json cannot be read (${(cause as Error).message}).`,
      { cause },
    );
  });
  let config: unknown;
  try {
    config = renameConfigKeys(JSON.parse(text));
  } catch (cause) {
    throw damaged(folder, `is not JSON (${(cause as Error).message})`, cause);
  }
  const problem = problemOf(config);
  if (problem !== undefined) throw damaged(folder, problem);
  return config as RunConfig;
}

function damaged(folder: string, problem: string, cause?: unknown): FixresRunsError {
  return new FixresRunsError(
    'bad-run',
    `Run folder "${folder}" is damaged: its config.json ${problem}.`,
    { cause },
  );
}

function problemOf(config: unknown): string | undefined {
  const { arms, evaluations, seeds } = fieldsOf(fieldsOf(config).experiment);
  if (!isListOf(arms, isArm) || arms.length === 0)
    return 'describes no experiment: its arms are missing, or lack a name or a policy';
  if (!isListOf(evaluations, isPolicy))
    return 'describes no experiment: its evaluations are not a list of policies';
  if (!isListOf(seeds, (seed) => typeof seed === 'number'))
    return 'describes no experiment: its seeds are not a list of numbers';
  if (typeof fieldsOf(fieldsOf(config).dataset).source !== 'string')
    return 'does not record its data set';
  return undefined;
}

function isArm(value: unknown): boolean {
  const { name, trainPolicy, testPolicy } = fieldsOf(value);
  return typeof name === 'string' && isPolicy(trainPolicy) && isPolicy(testPolicy);
}

function isPolicy(value: unknown): boolean {
  const { name, output } = fieldsOf(value);
  return typeof name === 'string' && typeof fieldsOf(output).width === 'number';
}

function isListOf(value: unknown, isOne: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(isOne);
}
