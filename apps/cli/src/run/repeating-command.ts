import { shellCommand } from '@fixres/runs/node';
import { optionText } from '../options/option-text.ts';

/** Options for where a run is written and how it is shown, which do not affect its result. */
const OUTPUT = new Set([
  'out',
  'json',
  'ndjson',
  'quiet',
  'verbose',
  'diskCache',
  'diskCacheSize',
  'memory',
  'dryRun',
  'cluster',
  'rank',
  'stepTimeout',
]);

/**
 * The command that repeats a run, with every option that affects its result, including defaults and
 * values from the environment. It is quoted for a shell.
 *
 * @param words the command and its arguments
 * @param options as commander gives them
 */
export function repeatingCommand(
  [command, ...args]: readonly [string, ...string[]],
  options: object,
): string {
  const flags = Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined || OUTPUT.has(name)) return [];
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    // A number of seeds, as in earlier versions.
    if (name === 'seeds' && typeof value === 'number') return ['--seed-count', String(value)];
    // A list of one seed.
    const values = ([value].flat() as Parameters<typeof optionText>[0][]).map(optionText);
    if (name === 'seeds' && values.length === 1) return [flag, `${values[0]},`];
    return name === 'set' ? values.flatMap((each) => [flag, each]) : [flag, values.join(',')];
  });
  // A path that starts with "-" would be parsed as an option.
  return shellCommand([
    'fixres',
    command,
    ...args.map((word) => (word.startsWith('-') ? `./${word}` : word)),
    ...flags,
  ]);
}
