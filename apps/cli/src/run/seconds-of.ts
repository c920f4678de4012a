import type { RunEvent } from '@fixres/runner/events';

/** How long a run has been running, all its sessions together: from the first event of each to its last. */
export function secondsOf(events: readonly RunEvent[]): number {
  let seconds = 0;
  let previous: number | undefined;
  for (const { type, time } of events) {
    const now = Date.parse(time) / 1000;
    if (previous !== undefined && type !== 'run-resumed') seconds += now - previous;
    previous = now;
  }
  return seconds;
}
