import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { FixresRunsError } from '../../errors.ts';
import { type Fields, isFields } from '../../fields.ts';
import { type RenamedExperiment, renameKeys } from '../../experiment-file/renamed-keys.ts';
import { setValues } from './set-values.ts';
import { problemText } from '../../experiment/schema/problem-text.ts';
import type { ExperimentFile } from '../../experiment-file/experiment-file.ts';
import { experimentFileSchema } from '../../experiment/schema/experiment-schemas.ts';

export interface ReadExperimentOptions {
  /** Settings that override those of the file; they are checked with it. */
  changes?: Partial<ExperimentFile>;
  /**
   * Values to set in the file, as for `setValues`. For a file without arms, leave out those of arms
   * and set them after resolving it.
   */
  settings?: readonly string[];
  /** Receives a line for each renamed key. Default: not reported. */
  onRenamed?: (line: string) => void;
}

/**
 * Reads an experiment file in YAML or JSON. Keys of earlier versions are accepted.
 *
 * @throws FixresRunsError `bad-experiment` that names the file, the field, its value and what is
 * allowed
 */
export async function readExperimentFile(
  file: string,
  { changes = {}, settings = [], onRenamed }: ReadExperimentOptions = {},
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
  const origin = `Experiment file "${file}"`;
  if (!isFields(content)) return parseExperiment(content, origin);
  const renamed = renamedIn(content, origin);
  for (const note of renamed.notes) onRenamed?.(`${origin}: ${note}`);
  const written = { ...renamed.content, ...changes };
  const own = 'arms' in written ? settings : settings.filter((each) => !isOfArms(each));
  return parseExperiment(setValues(written, own), origin);
}

function parseText(text: string, file: string): unknown {
  const document = parseDocument(text, { merge: true });
  try {
    const [problem] = document.errors;
    if (problem) throw problem;
    // This throws for aliases that are unresolved or expand too far.
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

/** Whether a setting, as for `setValues`, belongs to an arm. */
export function isOfArms(setting: string): boolean {
  return setting.startsWith('arms.');
}

function renamedIn(content: Fields, origin: string): RenamedExperiment {
  try {
    return renameKeys(content);
  } catch (cause) {
    throw new FixresRunsError('bad-experiment', `${origin}: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/**
 * Checks data of unknown origin and returns it as the content of an experiment file.
 *
 * @param origin start of the messages. Default: the experiment
 * @throws FixresRunsError `bad-experiment`
 */
export function parseExperiment(value: unknown, origin = 'The experiment'): ExperimentFile {
  const named = isFields(value) ? renamedIn(value, origin).content : value;
  const result = experimentFileSchema.safeParse(named);
  if (result.success) return result.data;
  throw new FixresRunsError('bad-experiment', `${origin}: ${problemText(result.error, named)}.`, {
    cause: result.error,
  });
}
