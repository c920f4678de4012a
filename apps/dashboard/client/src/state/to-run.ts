/**
 * Fields of the address that belong to one run; for another run they would show only a part of it,
 * or nothing.
 */
const ofOneRun = ['tab', 'zoom', 'cell', 'photo', 'page', 'class', 'find'] as const;

/** The fields of the address that a link to a run changes. */
export function toRun(run: string): Record<string, string> {
  return { ...Object.fromEntries(ofOneRun.map((name) => [name, ''])), view: 'run', run };
}
