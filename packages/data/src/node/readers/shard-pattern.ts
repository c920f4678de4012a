import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { FixresDataError } from '../../errors.ts';

/** Maximum number of files; a data set never has more. */
const MAX_FILES = 100_000;

/** Whether a path stands for several files: `{000..127}`, `{train,val}`, `*` or `?`. */
export function isShardPattern(path: string): boolean {
  return /[*?]|\{[^{}]*(,|\.\.)[^{}]*\}/.test(path);
}

/**
 * The files that a pattern stands for. Braces are expanded as in webdataset, without checking that
 * the files exist; opening them does that. `*` and `?` match existing files, and are allowed only
 * in the last part of the path.
 *
 * @throws FixresDataError `bad-option` for too many files or `*` in a folder's name, `not-found` if
 * nothing matches
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
  // The parts between stars are plain text, so matching cannot backtrack inside them.
  const parts = basename(path).split(/\*+/);
  const names = await readdir(folder).catch((cause: unknown) => {
    throw new FixresDataError(
      'not-found',
      `Cannot read the folder "${folder}": ${(cause as Error).message}`,
      { cause },
    );
  });
  return names
    .filter((name) => !name.startsWith('.') && matches(name, parts))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Whether `name` consists of `parts` with any text between them; `?` in a part matches any one
 * character. Each part is matched as early as possible.
 */
function matches(name: string, parts: readonly string[]): boolean {
  const fits = (part: string, at: number): boolean => {
    for (let i = 0; i < part.length; i++)
      if (at + i >= name.length || (part[i] !== '?' && part[i] !== name[at + i])) return false;
    return true;
  };
  const first = parts[0]!;
  const last = parts.at(-1)!;
  if (parts.length === 1) return name.length === first.length && fits(first, 0);
  if (
    name.length < first.length + last.length ||
    !fits(first, 0) ||
    !fits(last, name.length - last.length)
  )
    return false;
  let at = first.length;
  for (const part of parts.slice(1, -1)) {
    while (at + part.length <= name.length - last.length && !fits(part, at)) at += 1;
    at += part.length;
    if (at > name.length - last.length) return false;
  }
  return true;
}

function expandBraces(pattern: string): string[] {
  const expanded: string[] = [];
  const waiting = [pattern];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const brace = /\{([^{}]*(?:,|\.\.)[^{}]*)\}/.exec(path);
    if (brace) {
      const [whole, inside] = brace as unknown as [string, string];
      const [before, after] = [path.slice(0, brace.index), path.slice(brace.index + whole.length)];
      for (const text of alternatives(inside, pattern).reverse())
        waiting.push(before + text + after);
    } else expanded.push(path);
    requireFew(expanded.length + waiting.length, pattern);
  }
  // Inner braces are expanded first, so the text beside them can occur several times.
  return [...new Set(expanded)];
}

/** Expands `000..127` (keeping leading zeros) or `a,b`. */
function alternatives(inside: string, pattern: string): string[] {
  const range = /^(\d{1,9})\.\.(\d{1,9})$/.exec(inside);
  if (!range) return inside.split(',');
  const [from, to] = [Number(range[1]), Number(range[2])];
  if (to < from)
    throw new FixresDataError('bad-option', `Data set "${pattern}" counts down: {${inside}}.`);
  requireFew(to - from + 1, pattern);
  return Array.from({ length: to - from + 1 }, (_, i) =>
    String(from + i).padStart(range[1]!.length, '0'),
  );
}

function requireFew(files: number, pattern: string): void {
  if (files <= MAX_FILES) return;
  throw new FixresDataError(
    'bad-option',
    `Data set "${pattern}" matches more than ${MAX_FILES} files.`,
  );
}
