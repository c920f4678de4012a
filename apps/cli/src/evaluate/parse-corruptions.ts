import { corruptionNames, corruptionSeverities } from '@fixres/data';
import { type CorruptionSettings } from '@fixres/runs';
import { FixresRunnerError } from '@fixres/runner';

/**
 * Parses lists such as `fog,snow` and `1,3,5` or `1-3`.
 *
 * @param corruptions `true`: all
 * @returns undefined if nothing is corrupted
 * @throws FixresRunnerError `bad-option` that names the invalid item
 */
export function parseCorruptions(
  corruptions: string | true | undefined,
  severities: string | undefined,
): CorruptionSettings | undefined {
  if (corruptions === undefined) {
    if (severities === undefined) return undefined;
    throw bad(`Option --severities is ${severities}; it needs --corruptions.`);
  }
  const names =
    corruptions === true
      ? undefined
      : chosen('corruptions', corruptions.split(','), corruptionNames);
  const levels =
    severities === undefined
      ? undefined
      : chosen('severities', expanded(severities), corruptionSeverities);
  return { ...(names && { names }), ...(levels && { severities: levels }) };
}

/** `1-3` as `1`, `2`, `3`. */
function expanded(list: string): string[] {
  return list.split(',').flatMap((item) => {
    const [, low, high] = /^\s*([1-5])-([1-5])\s*$/.exec(item) ?? [];
    if (low === undefined || Number(low) > Number(high)) return [item];
    return Array.from({ length: Number(high) - Number(low) + 1 }, (_, i) =>
      String(Number(low) + i),
    );
  });
}

function chosen<T extends string | number>(
  option: string,
  items: readonly string[],
  allowed: readonly T[],
): T[] {
  const found = items.map((item) => {
    const value = allowed.find((each) => String(each) === item.trim());
    if (value !== undefined) return value;
    throw bad(`Option --${option} has "${item.trim()}"; allowed are ${allowed.join(', ')}.`);
  });
  const twice = found.find((value, i) => found.indexOf(value) !== i);
  if (twice !== undefined) throw bad(`Option --${option} has ${twice} twice.`);
  return found;
}

function bad(message: string): FixresRunnerError {
  return new FixresRunnerError('bad-option', message);
}
