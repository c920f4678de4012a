import type { RunEvent } from './events.ts';

/** How long a run has been running, all its sessions together: from the first event of each to its last. */
export function secondsOf(events: readonly Pick<RunEvent, 'type' | 'time'>[]): number {
  const clock = new RunClock();
  for (const event of events) clock.add(event);
  return clock.seconds;
}

/** Adds up the time of a run event by event; the pauses between its sessions do not count. */
export class RunClock {
  seconds = 0;
  #previous: number | undefined;

  add({ type, time }: Pick<RunEvent, 'type' | 'time'>): void {
    const now = Date.parse(time) / 1000;
    if (this.#previous !== undefined && type !== 'run-resumed')
      this.seconds += now - this.#previous;
    this.#previous = now;
  }
}
