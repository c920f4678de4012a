import { type Axis, Curves } from '../../shared/curves.ts';
import { MAX_DRAWN_POINTS } from '../../shared/limits.ts';
import type { CurvesAnswer } from '../../shared/protocol.ts';
import type { Range } from '../../shared/series.ts';
import { EventLog } from '../event-log.ts';
import { jsonBytes } from './json-bytes.ts';
import { Recent } from './recent.ts';
import type { Turns } from './turns.ts';

/** Number of points of all runs that are cached for the next request: about 130 MB. */
const MAX_KEPT_POINTS = 2_000_000;
/** Weight of a run without points. */
const RUN_POINTS = 2000;

/** About one slice of reading. */
const PART = { maxEvents: 2048, maxBytes: 1 << 20 };

interface KeptRun {
  log: EventLog;
  curves: Curves;
  /** The next line to read. */
  next: number;
  generation: number;
  /** Serialises the reading. */
  reading: Promise<unknown>;
  /** The response without a range, and its position in the log. */
  whole: { place: string; body: Uint8Array } | undefined;
}

/**
 * The curves of runs. Only new lines are read from a log that was read before; earlier responses
 * are returned at once.
 */
export class CurveStore {
  readonly #turns: Turns;
  readonly #runs = new Recent<KeptRun>(MAX_KEPT_POINTS, ({ curves }) =>
    curves.lanes.reduce((sum, { points }) => sum + points.length, RUN_POINTS),
  );

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /**
   * A {@link CurvesAnswer} as JSON, read to the end of the run's log.
   *
   * @param range only this range, in full detail if possible
   */
  async read(folder: string, range?: Range<Axis>): Promise<Uint8Array> {
    const run = this.#runs.get(folder) ?? {
      log: new EventLog(folder),
      curves: new Curves(),
      next: 0,
      generation: 0,
      reading: Promise.resolve(),
      whole: undefined,
    };
    this.#runs.set(folder, run);
    await run.log.refresh();
    if (isBehind(run)) {
      // A reader that waited finds nothing left to do.
      run.reading = run.reading.catch(() => undefined).then(() => this.#readOn(run));
      await run.reading;
    }
    const answer = (): Uint8Array =>
      jsonBytes({
        next: run.next,
        curves: run.curves.reduced(MAX_DRAWN_POINTS, range),
      } satisfies CurvesAnswer);
    if (range) return answer();
    const place = `${run.generation} ${run.next}`;
    if (run.whole?.place !== place) run.whole = { place, body: answer() };
    return run.whole.body;
  }

  async #readOn(run: KeptRun): Promise<void> {
    const { log } = run;
    await this.#turns.take();
    try {
      while (isBehind(run)) {
        if (run.generation !== log.generation)
          Object.assign(run, { curves: new Curves(), next: 0, generation: log.generation });
        const { events, next } = await log.read(run.next, PART);
        for (const event of events) run.curves.add(event);
        // If nothing could be read, there may be more to count, or the log was replaced or deleted.
        if (next === run.next && !(await log.refresh())) return;
        run.next = next;
        if (this.#turns.isOver) await this.#turns.pass();
      }
    } finally {
      this.#turns.give();
      this.#runs.trim();
    }
  }
}

function isBehind({ log, next, generation }: KeptRun): boolean {
  return generation !== log.generation || next < log.lines || log.isBehind;
}
