import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { FixresRunnerError } from '../../errors.ts';
import type { ExperimentFile } from './experiment-file.ts';
import { experimentFileSchema } from './schema.ts';

/**
 * Reads an experiment file, YAML or JSON.
 *
 * @throws FixresRunnerError `bad-experiment` naming the file, the field, what it is and what is allowed
 */
export async function readExperimentFile(file: string): Promise<ExperimentFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${message}`;
    throw new FixresRunnerError('bad-experiment', `Experiment file "${file}" ${reason}.`, { cause });
  }
  return parseExperiment(parseText(text, file), `Experiment file "${file}"`);
}

function parseText(text: string, file: string): unknown {
  const document = parseDocument(text, { merge: true });
  try {
    const [problem] = document.errors;
    if (problem) throw problem;
    // Only here is it seen that an alias stands for nothing, or for too much.
    return document.toJS();
  } catch (cause) {
    const reason = (cause as Error).message.split('\n')[0]!.replace(/:$/, '');
    throw new FixresRunnerError('bad-experiment', `Experiment file "${file}" is neither YAML nor JSON: ${reason}.`, { cause });
  }
}

/**
 * Checks data of unknown origin and gives it as an experiment file's content.
 *
 * @param origin what messages begin with. Default: the experiment
 * @throws FixresRunnerError `bad-experiment`
 */
export function parseExperiment(value: unknown, origin?: string): ExperimentFile {
  const result = experimentFileSchema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => describe(issue, value));
  const shown = issues.slice(0, 3).join('; ');
  const rest = issues.length > 3 ? `; and ${issues.length - 3} more` : '';
  throw new FixresRunnerError('bad-experiment', `${origin ?? 'The experiment'}: ${shown}${rest}.`, { cause: result.error });
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  const { path, message } = deepest(issue);
  const name = path.reduce<string>((text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`), '');
  const received = path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
  const isShort = received !== undefined && (typeof received !== 'object' || received === null);
  return `${name === '' ? '' : `${name}${isShort ? ` is ${JSON.stringify(received)}` : ''}: `}${message.replace(/^Invalid input: /, '')}`;
}

/** Of the alternatives of a union, the one that went furthest is what was meant. */
function deepest(issue: z.core.$ZodIssue): { path: PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.filter(({ length }) => length > 0).map((issues) => deepest(issues[0]!));
  const most = Math.max(0, ...inner.map(({ path }) => path.length));
  const far = inner.filter(({ path }) => path.length === most);
  if (inner.length === 0) return issue;
  if (most === 0 || far.length > 1) {
    return { path: [...issue.path, ...(far[0]?.path ?? [])], message: far.map(({ message }) => message.replace(/^Invalid input: /, '')).join(', or ') };
  }
  return { path: [...issue.path, ...far[0]!.path], message: far[0]!.message };
}
