import { type RunEvent, settledEvents } from '../events/events.ts';

/**
 * The events of several trials as those of one run, which computed the trials one after another. It
 * lacks its end. The start of each later trial becomes a resumption, because time between trials is
 * no running time. Left out are: work that was lost and repeated, ends of the trials, warnings that
 * an earlier trial has already, and activations of all seeds but the first, which a run does not
 * measure either.
 *
 * @param trials the events of each trial
 * @param config of the whole run
 * @param firstSeed of the whole run
 */
export function mergeEvents(
  trials: readonly (readonly RunEvent[])[],
  { config, firstSeed }: { config: unknown; firstSeed: number },
): RunEvent[] {
  const merged: RunEvent[] = [];
  const warnings = new Set<string>();
  for (const event of trials.flatMap(settledEvents)) {
    const n = merged.length;
    switch (event.type) {
      case 'run-start':
      case 'run-resumed': {
        const { time, engine } = event;
        if (n > 0) merged.push({ n, time, type: 'run-resumed', engine, after: n - 1 });
        else if (event.type === 'run-start') merged.push({ ...event, n, config });
        break;
      }
      case 'run-end':
      case 'run-failed':
      case 'run-interrupted':
        break;
      case 'warning':
        if (!warnings.has(event.message)) merged.push({ ...event, n });
        warnings.add(event.message);
        break;
      case 'activations':
        if (event.seed === firstSeed) merged.push({ ...event, n });
        break;
      default:
        merged.push({ ...event, n });
    }
  }
  return merged;
}
