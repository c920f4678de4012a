import { type Axis, axes, type Lane } from '../../../shared/curves.ts';
import type { Range } from '../../../shared/series.ts';
import { curvesOf } from '../state/live.ts';
import { zoomedCurvesOf } from '../state/zoomed-curves.ts';
import { type LaneLook, lookOf } from '../parts/swatch.tsx';
import type { Line } from './align.ts';
import { smooth } from './smooth.ts';

/** A lane of a run, as drawn. */
export interface ShownLane {
  /** Unique over all runs. */
  key: string;
  run: string;
  name: string;
  lane: Lane;
  /**
   * The zoomed part of the lane in more detail; undefined if the lane already has every point, or
   * until it is loaded.
   */
  zoomed: Lane | undefined;
  look: LaneLook;
  /**
   * Start of the lane on each axis: a fine-tuned arm starts after the end of the arm it is
   * initialised from.
   */
  starts: Readonly<Record<Axis, number>>;
}

/** One of the charts. */
export interface ChartKind {
  key: 'loss' | 'accuracy' | 'heldOutAccuracy' | 'imagesPerSecond' | 'rssMb' | 'learningRate';
  title: string;
  /** Whether its points are noisy, so that smoothing helps. */
  noisy: boolean;
}

export const chartKinds: readonly ChartKind[] = [
  { key: 'loss', title: 'Training loss', noisy: true },
  { key: 'accuracy', title: 'Training accuracy', noisy: true },
  { key: 'heldOutAccuracy', title: 'Held-out accuracy', noisy: false },
  { key: 'imagesPerSecond', title: 'Images per second', noisy: true },
  { key: 'rssMb', title: 'Memory, MB', noisy: false },
  { key: 'learningRate', title: 'Learning rate', noisy: false },
];

/**
 * The lanes of some runs. With one run, each arm has its own colour. With several runs, each run
 * has one colour, and its arms differ by their dashes. Additional seeds look like the first.
 *
 * @param range the zoomed range
 */
export function lanesOf(ids: readonly string[], range: Range<Axis> | null): ShownLane[] {
  return ids.flatMap((run, i) => {
    const curves = curvesOf(run);
    const lanes = curves?.lanes ?? [];
    const finer = zoomedCurvesOf(run, range)?.lanes;
    const arms = [...new Set(lanes.map(({ arm }) => arm))];
    const seeds = new Set(lanes.map(({ seed }) => seed)).size;
    return lanes.map((lane): ShownLane => {
      const arm = arms.indexOf(lane.arm);
      const starts = Object.fromEntries(
        axes.map((axis) => [axis, curves!.startOf(lane, axis)]),
      ) as Record<Axis, number>;
      const name = [
        ids.length > 1 ? `${run}: ` : '',
        lane.arm,
        seeds > 1 ? ` (seed ${lane.seed})` : '',
      ].join('');
      return {
        key: `${run}/${lane.arm}/${lane.seed}`,
        run,
        name,
        lane,
        zoomed: finer?.find(({ arm: of, seed }) => of === lane.arm && seed === lane.seed),
        look: ids.length > 1 ? lookOf(i, arm) : lookOf(arm),
        starts,
      };
    });
  });
}

/** Positions and values of a chart's line, as logged. */
export function rawLine({ lane, starts }: ShownLane, kind: ChartKind, axis: Axis): Line {
  const { x, y } =
    kind.key === 'heldOutAccuracy'
      ? lane.epochs.line(kind.key, axis)
      : lane.points.line(kind.key, axis);
  return { x: shifted(x, starts[axis]), y };
}

const shiftedPlaces = new WeakMap<readonly number[], { start: number; places: number[] }>();

/** Positions moved along the axis; earlier results are kept, because lanes only grow. */
function shifted(places: readonly number[], start: number): readonly number[] {
  if (start === 0) return places;
  const known = shiftedPlaces.get(places);
  const isOf =
    known?.start === start &&
    known.places.length <= places.length &&
    known.places.at(-1) === places[known.places.length - 1]! + start;
  const moved = isOf ? known.places : [];
  for (let i = moved.length; i < places.length; i++) moved.push(places[i]! + start);
  shiftedPlaces.set(places, { start, places: moved });
  return moved;
}

interface Smoothed {
  length: number;
  stride: number;
  weight: number;
  y: Float64Array;
}

const smoothed = new WeakMap<Lane, Map<string, Smoothed>>();

/**
 * The line smoothed over all of its points, before any are left out for drawing. A point that
 * averages several events has the weight of all of them.
 */
export function smoothLine(shown: ShownLane, kind: ChartKind, axis: Axis, weight: number): Line {
  const { lane } = shown;
  // Evaluations are never smoothed.
  const y =
    kind.key === 'heldOutAccuracy' ? lane.epochs.means[kind.key] : lane.points.means[kind.key];
  const x = shifted(lane.points.means[axis], shown.starts[axis]);
  const { stride } = lane.points;
  const known = smoothed.get(lane) ?? new Map<string, Smoothed>();
  smoothed.set(lane, known);
  const before = known.get(kind.key);
  if (before?.length === y.length && before.weight === weight && before.stride === stride)
    return { x, y: before.y };
  const values = smooth(y, weight ** stride);
  known.set(kind.key, { length: y.length, stride, weight, y: values });
  return { x, y: values };
}

/** The last known value. */
export function lastValue({ y }: Line): number {
  for (let i = y.length - 1; i >= 0; i--) if (!Number.isNaN(y[i]!)) return y[i]!;
  return Number.NaN;
}
