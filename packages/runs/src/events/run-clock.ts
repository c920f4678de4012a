import type { RunEvent } from './events.ts';

/** Running time of a run over all its sessions, each from its first event to its last. */
export function secondsOf(events: readonly Pick<RunEvent, 'type' | 'time'>[]): number {
  const clock = new RunClock();
  for (const event of events) clock.add(event);
  return clock.seconds;
}

/** Adds up the time of a run, event by event, without the pauses between its sessions. */
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
