import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { FixresRunsError } from '../../errors.ts';
import { problemText } from '../../experiment/schema/problem-text.ts';
import type { ExperimentFile } from '../../experiment-file/experiment-file.ts';
import { experimentFileSchema } from '../../experiment/schema/experiment-schemas.ts';

/**
 * Reads an experiment file, YAML or JSON.
 *
 * @param changes settings that replace those of the file; they are checked with it
 * @throws FixresRunsError `bad-experiment` naming the file, the field, its value and what is
 * allowed
 */
export async function readExperimentFile(
  file: string,
  changes: Partial<ExperimentFile> = {},
): Promise<ExperimentFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${message}`;
    throw new FixresRunsError('bad-experiment', `Experiment file "${file}" ${reason}.`, {
      cause,
    });
  }
  const content = parseText(text, file);
  const isObject = typeof content === 'object' && content !== null && !Array.isArray(content);
  return parseExperiment(
    isObject ? { ...content, ...changes } : content,
    `Experiment file "${file}"`,
  );
}

function parseText(text: string, file: string): unknown {
  const document = parseDocument(text, { merge: true });
  try {
    const [problem] = document.errors;
    if (problem) throw problem;
    // Only here is an alias found that refers to nothing, or to too much.
    return document.toJS();
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw new FixresRunsError(
      'bad-experiment',
      `Experiment file "${file}" is neither YAML nor JSON: ${reason}.`,
      { cause },
    );
  }
}

/**
 * Checks data of unknown origin and returns it as an experiment file's content.
 *
 * @param origin start of the messages. Default: the experiment
 * @throws FixresRunsError `bad-experiment`
 */
export function parseExperiment(value: unknown, origin?: string): ExperimentFile {
  const result = experimentFileSchema.safeParse(value);
  if (result.success) return result.data;
  throw new FixresRunsError(
    'bad-experiment',
    `${origin ?? 'The experiment'}: ${problemText(result.error, value)}.`,
    { cause: result.error },
  );
}
