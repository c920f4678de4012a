import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Options of a command that trains which `resume` has too. */
const SHARED = new Set(['--json', '--ndjson', '--quiet', '--verbose']);

/** The run folder that a command line names; undefined without one. */
export function runFolderOf(words: readonly string[]): string | undefined {
  if (words[0] === 'resume') return words.slice(1).find((word) => !word.startsWith('-'));
  const at = words.findLastIndex((word) => word === '--out' || word.startsWith('--out='));
  if (at === -1) return undefined;
  return words[at] === '--out' ? words[at + 1] : words[at]!.slice('--out='.length);
}

/** The command line that continues what another one began: the same if it has no run yet. */
export function resumeWords(words: readonly string[]): string[] {
  const folder = runFolderOf(words);
  if (words[0] === 'resume' || folder === undefined || !existsSync(join(folder, 'config.json')))
    return [...words];
  const timeout = words.indexOf('--step-timeout');
  return [
    'resume',
    folder,
    ...words.filter((word) => SHARED.has(word) || word.startsWith('--step-timeout=')),
    ...(timeout === -1 ? [] : words.slice(timeout, timeout + 2)),
  ];
}
