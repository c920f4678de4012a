import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Axis } from '../../../shared/curves.ts';
import { percent, short } from '../format.ts';
import { alignLines, type Line } from './align.ts';
import { type ChartKind, lastValue, rawLine, type ShownLane, smoothLine } from './lanes.ts';

export interface ChartProps {
  kind: ChartKind;
  lanes: readonly ShownLane[];
  axis: Axis;
  /** Weight of the past in smoothing, from 0 to 1. */
  weight: number;
  zoom: readonly [number, number] | null;
  onZoom: (zoom: readonly [number, number] | null) => void;
  height: number;
}

const axisNames: Record<Axis, string> = { step: 'step', epoch: 'epoch', seconds: 'seconds' };
const axisTitles: Record<Axis, string> = { step: 'Steps', epoch: 'Epochs', seconds: 'Seconds' };
/** With more marks, the lines between them would be hidden. */
const MOST_MARKS = 12;
/** Maximum number of values shown under the pointer. */
const MOST_READ = 12;

/** One chart over all lanes: the smoothed line, and the logged values as a faint line behind it. */
export function Chart(props: ChartProps): JSX.Element {
  const { kind, lanes, axis, weight } = props;
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const plot = useRef<uPlot | null>(null);
  const smooths = kind.noisy && weight > 0;
  // uPlot cannot change its series; other series need a new plot.
  const shape = [
    ...lanes.map(({ key, look }) => `${key}${look.colour}`),
    smooths,
    axis,
    props.height,
  ].join('|');

  useEffect(() => {
    const parent = box.current!;
    const make = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(
        optionsFor(() => latest.current, parent, readout.current!),
        dataFor(latest.current, parent.clientWidth),
        parent,
      );
    };
    make();
    const sized = new ResizeObserver(() => {
      plot.current?.setSize({ width: parent.clientWidth, height: latest.current.height });
    });
    sized.observe(parent);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', make);
    return () => {
      sized.disconnect();
      scheme.removeEventListener('change', make);
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData(dataFor(props, box.current!.clientWidth));
  });

  const values = lanes.map(
    (shown) => `${shown.name} ${valueText(kind, lastValue(lineOf(shown, kind, axis, weight)))}`,
  );
  return (
    <div class="plot-frame">
      <div
        ref={box}
        class="plot"
        role="img"
        aria-label={`${kind.title} by ${axisNames[axis]}. Last values: ${values.join(', ')}`}
      />
      <p ref={readout} class="readout small" aria-hidden="true" hidden />
    </div>
  );
}

/** Formats a value of a chart. */
export function valueText(kind: ChartKind, value: number): string {
  return kind.key === 'accuracy' || kind.key === 'heldOutAccuracy' ? percent(value) : short(value);
}

function lineOf(lane: ShownLane, kind: ChartKind, axis: Axis, weight: number): Line {
  return kind.noisy && weight > 0
    ? smoothLine(lane, kind, axis, weight)
    : rawLine(lane, kind, axis);
}

/** Faint lines first, so that the smoothed ones are on top. */
function dataFor(
  { kind, lanes, axis, weight, zoom }: ChartProps,
  width: number,
): uPlot.AlignedData {
  const drawn = lanes.map((shown) => ({ ...shown, lane: shown.zoomed ?? shown.lane }));
  const raw = kind.noisy && weight > 0 ? drawn.map((lane) => rawLine(lane, kind, axis)) : [];
  const smooth = drawn.map((lane) => lineOf(lane, kind, axis, weight));
  const { x, y } = alignLines([...raw, ...smooth], zoom, Math.max(200, Math.round(width)));
  return [x, ...y];
}

/** @param now returns the current properties of the chart when uPlot asks later */
function optionsFor(
  now: () => ChartProps,
  parent: HTMLElement,
  readout: HTMLElement,
): uPlot.Options {
  const { kind, lanes, axis, weight, height } = now();
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const soft = colour('--soft');
  const font = `12px ${colour('--sans')}`;
  const grid = { stroke: colour('--grid'), width: 1 };
  const series =
    (faint: boolean) =>
    ({ look, name }: ShownLane): uPlot.Series => ({
      label: name,
      stroke: colour(`--lane-${look.colour}`),
      width: faint ? 1 : 2,
      alpha: faint ? 0.35 : 1,
      dash: [...look.dash],
      spanGaps: true,
      // A single evaluation draws no line.
      points: {
        show: (u, at) =>
          kind.key === 'heldOutAccuracy' &&
          Array.from(u.data[at]!).filter((value) => value !== null).length <= MOST_MARKS,
        size: 5,
      },
    });
  const asPercent = kind.key === 'accuracy' || kind.key === 'heldOutAccuracy';
  return {
    width: parent.clientWidth,
    height,
    series: [
      {},
      ...(kind.noisy && weight > 0 ? lanes.map(series(true)) : []),
      ...lanes.map(series(false)),
    ],
    scales: { x: { time: false, range: (_, low, high) => rangeOf(now().zoom, low, high) } },
    axes: [
      {
        stroke: soft,
        font,
        grid,
        ticks: grid,
        size: 30,
        label: axisTitles[axis],
        labelFont: font,
        labelSize: 18,
        labelGap: 0,
        values: (_, places) => places.map((place) => short(place)),
      },
      {
        stroke: soft,
        font,
        grid,
        ticks: grid,
        size: 66,
        values: (_, places) =>
          places.map((place) => (asPercent ? `${Math.round(place * 100)} %` : short(place))),
      },
    ],
    padding: [8, 16, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: 'curves' },
      drag: { x: true, y: false, setScale: false },
      points: { show: false },
      bind: { dblclick: () => () => (now().onZoom(null), null) },
    },
    hooks: {
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          const zoomed = [
            u.posToVal(u.select.left, 'x'),
            u.posToVal(u.select.left + u.select.width, 'x'),
          ] as const;
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          now().onZoom(zoomed);
        },
      ],
      setCursor: [
        (u) => {
          const { idx } = u.cursor;
          readout.hidden = idx === null || idx === undefined;
          if (idx === null || idx === undefined) return;
          const first = u.series.length - lanes.length;
          const texts = lanes
            .map(({ name }, i) => ({ name, value: nearest(u.data[first + i]!, idx) }))
            .filter(({ value }) => value !== null);
          const read = texts
            .slice(0, MOST_READ)
            .map(({ name, value }) => `${name} ${valueText(kind, value!)}`);
          readout.textContent = `${axisNames[axis]} ${short(u.data[0][idx]!)}: ${read.join(' · ')}${texts.length > MOST_READ ? ' …' : ''}`;
        },
      ],
    },
  };
}

/**
 * The chart's data is already cut to the zoom, with one point beyond each end; without a zoom,
 * everything is shown.
 */
function rangeOf(
  zoom: readonly [number, number] | null,
  low: number | null,
  high: number | null,
): [number, number] {
  if (zoom) return [zoom[0], zoom[1]];
  const [from, to] = [low ?? 0, high ?? 1];
  return from === to ? [from - 1, to + 1] : [from, to];
}

function nearest(values: ArrayLike<number | null | undefined>, index: number): number | null {
  for (let away = 0; away < 8; away++) {
    const value = values[index - away] ?? values[index + away];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}
