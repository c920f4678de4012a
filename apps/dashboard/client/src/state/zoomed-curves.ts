import { signal } from '@preact/signals';
import { type Axis, Curves } from '../../../shared/curves.ts';
import { MAX_DRAWN_POINTS } from '../../../shared/limits.ts';
import type { Range } from '../../../shared/series.ts';
import { fetchCurves } from '../api.ts';
import { curvesOf, lineOf } from './live.ts';

/** Milliseconds until growing curves are reloaded. */
const AGAIN = 2000;
/**
 * Fraction of the visible range to load before it, because smoothing there depends on earlier
 * values.
 */
const LEAD = 0.25;

interface Zoomed {
  key: string;
  /** Undefined if they could not be loaded. */
  curves: Curves | undefined;
  /** The last line of the log that they include. */
  next: number;
  loadedAt: number;
}

/** By run, more detailed curves of the zoomed range. */
const zoomed = signal<ReadonlyMap<string, Zoomed>>(new Map());

let wanted: { runs: readonly string[]; range: Range<Axis> } | null = null;
let isLoading = false;
let again: ReturnType<typeof setTimeout> | undefined;

/**
 * The more detailed curves of a run for the zoomed range; undefined until they are loaded, or if
 * there are none.
 */
export function zoomedCurvesOf(run: string, range: Range<Axis> | null): Curves | undefined {
  const known = zoomed.value.get(run);
  return range && known?.key === keyOf(range) ? known.curves : undefined;
}

/**
 * Loads the zoomed range of the runs whose curves lack points there, and again while they grow.
 * Call it whenever curves are drawn.
 */
export function zoomInto(runs: readonly string[], range: Range<Axis> | null): void {
  wanted = range && { runs, range };
  if (wanted) void load();
  else if (zoomed.value.size > 0) zoomed.value = new Map();
}

/** Loads one run after another, so that the rest of the page has connections. */
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

/** Whether a run has more points than its detailed curves. */
function hasGrown(run: string): boolean {
  const known = zoomed.value.get(run);
  return known !== undefined && known.next < lineOf(run);
}

function keyOf({ axis, from, to }: Range<Axis>): string {
  return `${axis} ${from} ${to}`;
}
