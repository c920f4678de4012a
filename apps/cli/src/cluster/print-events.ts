import { writeSync } from 'node:fs';

/** The variable that makes processes which follow another one print their events. */
export const PRINT_EVENTS = 'FIXRES_PRINT_EVENTS';

/**
 * Prints an event as a line of JSON, at once, so that the last event of a process that is killed is there.
 * Undefined unless {@link PRINT_EVENTS} is set.
 */
export function eventPrinter(
  variables: Readonly<Record<string, string | undefined>>,
): ((event: object) => void) | undefined {
  if (!variables[PRINT_EVENTS]) return undefined;
  return (event) => {
    const line = JSON.stringify({ time: new Date().toISOString(), ...event });
    writeSync(process.stdout.fd, `${line}\n`);
  };
}
