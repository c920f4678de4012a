import { shellCommand } from '@fixres/runs/node';

/** Options that say where a run goes and how it is shown, not what comes out. */
const OUTPUT = new Set([
  'out',
  'json',
  'ndjson',
  'quiet',
  'verbose',
  'diskCache',
  'diskCacheSize',
  'dryRun',
]);

/**
 * The command that repeats a run, with every option that bears on its result, defaults and what came from the environment included. A
 * shell reads it as it was meant.
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
    // A number of seeds in the way of earlier versions.
    if (name === 'seeds' && typeof value === 'number') return ['--seed-count', String(value)];
    // The list of one seed.
    const values = [value].flat().map(String);
    if (name === 'seeds' && values.length === 1) return [flag, `${values[0]},`];
    return name === 'set' ? values.flatMap((each) => [flag, each]) : [flag, values.join(',')];
  });
  // A path that begins like an option is taken for one.
  return shellCommand([
    'fixres',
    command,
    ...args.map((word) => (word.startsWith('-') ? `./${word}` : word)),
    ...flags,
  ]);
}
