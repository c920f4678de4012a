/** What of the address belongs to the run shown; another one would be shown in part, or nothing of it. */
const ofOneRun = ['tab', 'zoom', 'cell', 'photo', 'page', 'class', 'find'] as const;

/** The fields of the address that a link to a run changes. */
export function toRun(run: string): Record<string, string> {
  return { ...Object.fromEntries(ofOneRun.map((name) => [name, ''])), view: 'run', run };
}
