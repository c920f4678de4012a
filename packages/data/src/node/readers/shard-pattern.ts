import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expand } from 'brace-expansion';
import { FixresDataError } from '../../errors.ts';
import { isShardIndex } from './index/stored-index.ts';

/** Maximum number of files; a data set never has more. */
const MAX_FILES = 100_000;

/** Whether a path is a pattern for several files: `{000..127}`, `{train,val}`, `*` or `?`. */
export function isShardPattern(path: string): boolean {
  return /[*?]|\{[^{}]*(,|\.\.)[^{}]*\}/.test(path);
}

/**
 * The files of a pattern. Braces are expanded, as webdataset does, without checking that
 * the files exist. `*` and `?` are matched with the folder's files, and only in the last part of the path.
 *
 * @throws FixresDataError `bad-option` for too many files or `*` in a folder's name, `not-found` if none matches
 */
export async function expandShardPattern(pattern: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of expandBraces(pattern)) {
    if (/[*?]/.test(dirname(path))) {
      throw new FixresDataError(
        'bad-option',
        `Data set "${pattern}" has * or ? in the name of a folder; they are allowed in the file's name.`,
      );
    }
    if (/[*?]/.test(path)) files.push(...(await matching(path)));
    else files.push(path);
    requireFew(files.length, pattern);
  }
  if (files.length === 0)
    throw new FixresDataError('not-found', `No file matches the data set "${pattern}".`);
  return files;
}

async function matching(path: string): Promise<string[]> {
  const folder = dirname(path);
  const wanted = nameExpression(basename(path));
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FixresDataError(
      'not-found',
      `Cannot read the folder "${folder}": ${(cause as Error).message}`,
      { cause },
    );
  });
  return names
    .filter((name) => !name.startsWith('.') && !isShardIndex(name) && wanted.test(name))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * `*` stands for any text and `?` for one character. What is between two stars is matched as early as
 * possible and never again, so many stars take no time.
 */
export function nameExpression(pattern: string): RegExp {
  const [first = '', ...rest] = pattern
    .split(/\*+/)
    .map((part) => part.replaceAll(/[\\^$.+()[\]{}|]/g, '\\$&').replaceAll('?', '.'));
  const last = rest.pop();
  const between = rest.map((part, i) => `(?=(?<part${i}>.*?${part}))\\k<part${i}>`).join('');
  return new RegExp(`^${first}${last === undefined ? '' : `${between}.*${last}`}$`, 'su');
}

/** The paths that braces expand to. @throws FixresDataError `bad-option` for too many, or a range that counts down */
export function expandBraces(pattern: string): string[] {
  for (const [range, from, to] of pattern.matchAll(/\{(\d+)\.\.(\d+)\}/g))
    if (Number(to) < Number(from))
      throw new FixresDataError('bad-option', `Data set "${pattern}" counts down: ${range}.`);
  // A backslash separates folders on Windows; it never escapes.
  const paths = expand(pattern.replaceAll('\\', '\\\\'), {
    max: MAX_FILES + 1,
    maxLength: Infinity,
  });
  requireFew(paths.length, pattern);
  return [...new Set(paths)];
}

function requireFew(files: number, pattern: string): void {
  if (files <= MAX_FILES) return;
  throw new FixresDataError(
    'bad-option',
    `Data set "${pattern}" matches more than ${MAX_FILES} files.`,
  );
}
