import { FixresEngineError } from '../errors.ts';
import { MOST_PROCESSES } from './cluster-task.ts';

/**
 * The names in a host list of Slurm, in its order, like `scontrol show hostnames`: names and
 * expressions like `rack[0-1]n[08-11,20]-ib`, separated by commas. A range keeps the zeros in front
 * of its first number. In an expression with several brackets, the last one varies first.
 *
 * @throws FixresEngineError `bad-option` for another form, such as the boxes `bgl[123x456]` of
 * machines with a three-dimensional network, or too many names
 */
export function expandHosts(list: string): string[] {
  const hosts = splitOutsideBrackets(list).flatMap((expression) => {
    if (!/^(?:[\w.-]|\[\d[\d,-]*\])+$/.test(expression)) throw unknown(list);
    let names = [''];
    for (const [part, ranges] of expression.matchAll(/\[([^\]]+)\]|[^[\]]+/g)) {
      const choices = ranges === undefined ? [part] : numbersOf(ranges, list);
      if (names.length * choices.length > MOST_PROCESSES) throw tooMany();
      names = names.flatMap((name) => choices.map((choice) => name + choice));
    }
    return names;
  });
  if (hosts.length > MOST_PROCESSES) throw tooMany();
  return hosts;
}

function splitOutsideBrackets(list: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isInside = false;
  for (let i = 0; i < list.length; i++) {
    const character = list[i]!;
    if (character === '[' || character === ']') isInside = character === '[';
    if (character !== ',' || isInside) continue;
    parts.push(list.slice(start, i));
    start = i + 1;
  }
  return [...parts, list.slice(start)];
}

/** `08-11,20` as 08, 09, 10, 11, 20. */
function numbersOf(ranges: string, list: string): string[] {
  return ranges.split(',').flatMap((range) => {
    const [, first, last = first] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range) ?? [];
    if (first === undefined || Number(last) < Number(first)) throw unknown(list);
    const length = Number(last) - Number(first) + 1;
    if (length > MOST_PROCESSES) throw tooMany();
    return Array.from({ length }, (_, i) => String(Number(first) + i).padStart(first.length, '0'));
  });
}

function unknown(list: string): FixresEngineError {
  return new FixresEngineError(
    'bad-option',
    `Variable SLURM_STEP_NODELIST is "${list.slice(0, 200)}"; it must be a list of host names like "n[01-04],m5".`,
  );
}

function tooMany(): FixresEngineError {
  return new FixresEngineError(
    'bad-option',
    `Variable SLURM_STEP_NODELIST names more than ${MOST_PROCESSES} hosts.`,
  );
}
