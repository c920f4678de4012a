import { signal } from '@preact/signals';
import { type Axis, Curves } from '../../../shared/curves.ts';
import { MAX_DRAWN_POINTS } from '../../../shared/limits.ts';
import type { Range } from '../../../shared/series.ts';
import { fetchCurves } from '../api.ts';
import { curvesOf, lineOf } from './live.ts';

/** Milliseconds until curves that grow are loaded again. */
const AGAIN = 2000;
/** Part of what is shown that is loaded before it: what stands there is smoothed by what came before. */
const LEAD = 0.25;

interface Zoomed {
  key: string;
  /** Undefined where they could not be had. */
  curves: Curves | undefined;
  /** The line of the log that they reach. */
  next: number;
  loadedAt: number;
}

/** By run, finer curves of what is zoomed into. */
const zoomed = signal<ReadonlyMap<string, Zoomed>>(new Map());

let wanted: { runs: readonly string[]; range: Range<Axis> } | null = null;
let isLoading = false;
let again: ReturnType<typeof setTimeout> | undefined;

/** The finer curves of a run for what is zoomed into; undefined until they are loaded, and where there are none. */
export function zoomedCurvesOf(run: string, range: Range<Axis> | null): Curves | undefined {
  const known = zoomed.value.get(run);
  return range && known?.key === keyOf(range) ? known.curves : undefined;
}

/** Loads what is zoomed into of those runs of which not every point is there, and again while they grow. Call it whenever curves are drawn. */
export function zoomInto(runs: readonly string[], range: Range<Axis> | null): void {
  wanted = range && { runs, range };
  if (wanted) void load();
  else if (zoomed.value.size > 0) zoomed.value = new Map();
}

/** One run after another, so that the rest of the page has connections. */
async function load(): Promise<void> {
  if (isLoading) return;
  isLoading = true;
  for (let next = nextWanted(); next; next = nextWanted()) {
    const { run, range } = next;
    const from = range.from - LEAD * (range.to - range.from);
    const answer = await fetchCurves(run, { ...range, from }).catch(() => undefined);
    const curves = answer && new Curves(answer.curves, { maxPoints: MAX_DRAWN_POINTS });
    zoomed.value = new Map(zoomed.value).set(run, {
      key: keyOf(range),
      curves,
      next: answer?.next ?? 0,
      loadedAt: performance.now(),
    });
  }
  isLoading = false;
  if (again !== undefined || !wanted?.runs.some(hasGrown)) return;
  again = setTimeout(() => {
    again = undefined;
    void load();
  }, AGAIN);
}

function nextWanted(): { run: string; range: Range<Axis> } | undefined {
  if (!wanted) return undefined;
  const { runs, range } = wanted;
  const run = runs.find((each) => {
    if (
      !curvesOf(each)?.lanes.some(
        ({ points, epochs }) => Math.max(points.stride, epochs.stride) > 1,
      )
    )
      return false;
    const known = zoomed.value.get(each);
    return (
      known?.key !== keyOf(range) || (hasGrown(each) && performance.now() - known.loadedAt > AGAIN)
    );
  });
  return run === undefined ? undefined : { run, range };
}

/** Whether a run has more than its finer curves show. */
function hasGrown(run: string): boolean {
  const known = zoomed.value.get(run);
  return known !== undefined && known.next < lineOf(run);
}

function keyOf({ axis, from, to }: Range<Axis>): string {
  return `${axis} ${from} ${to}`;
}
