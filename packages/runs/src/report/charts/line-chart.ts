import { armClass, armDash, armMarker } from './arm-marker.ts';
import { horizontalAxis } from './axis.ts';
import { html, type Html } from '../page/html.ts';
import { fromTop, plot } from './plot.ts';
import { numbersBehind } from '../page/report-section.ts';
import { linePath } from './line-path.ts';
import { niceScale, type Scale, type ScaleOptions } from './scale.ts';
import { table } from '../page/table.ts';

export interface Point {
  x: number;
  y: number;
}

export interface Series {
  name: string;
  /** Index of the arm, for its colour and mark. */
  arm: number;
  /** The main line. */
  mean: Point[];
  /** Faint lines behind it. */
  faint: Point[][];
}

export interface LineChart {
  title: string;
  description: string;
  xLabel: string;
  yLabel: (tick: number, scale: Scale) => string;
  /** Formats a value for the table. */
  show: (y: number) => string;
  yScale?: ScaleOptions;
  series: Series[];
}

function path(points: readonly Point[], x: Scale, y: Scale): string {
  return linePath(points.map((point) => [x.place(point.x), 100 - y.place(point.y)]));
}

/** Line chart over whole numbers such as epochs. */
export function lineChart({
  title,
  description,
  xLabel,
  yLabel,
  show,
  yScale = {},
  series,
}: LineChart): Html {
  const all = series.flatMap(({ mean, faint }) => [...mean, ...faint.flat()]);
  const x = niceScale([0, ...all.map((p) => p.x)], { intervals: 6, smallestStep: 1 });
  const y = niceScale(
    all.map((p) => p.y),
    yScale,
  );
  return plot({
    title,
    description,
    legend: series,
    y,
    yLabel: (tick) => yLabel(tick, y),
    xLabel,
    axis: horizontalAxis(x, String),
    lines: series.map(
      ({ arm, mean, faint }) => html`<g class="${armClass(arm)}">
      ${faint.map((line) => html`<path class="faint" d="${path(line, x, y)}"/>`)}
      <path class="line" stroke-dasharray="${armDash(arm)}" d="${path(mean, x, y)}"/></g>`,
    ),
    marks: series.map(({ arm, mean }) => {
      const last = mean.at(-1)!;
      return html`<g class="${armClass(arm)}">${armMarker(arm, `${x.place(last.x)}%`, fromTop(y, last.y))}</g>`;
    }),
    numbers: numbersBehind(numbersTable({ title, xLabel, show, series })),
  });
}

function numbersTable({
  title,
  xLabel,
  show,
  series,
}: Pick<LineChart, 'title' | 'xLabel' | 'show' | 'series'>): Html {
  const places = [...new Set(series.flatMap(({ mean }) => mean.map((point) => point.x)))].sort(
    (a, b) => a - b,
  );
  return table({
    caption: `${title} by ${xLabel.toLowerCase()}`,
    columns: [{ name: xLabel }, ...series.map(({ name }) => ({ name, number: true }))],
    rows: places.map((place) => [
      place,
      ...series.map(({ mean }) => {
        const point = mean.find((each) => each.x === place);
        return point ? show(point.y) : '';
      }),
    ]),
    className: 'dense',
    mostColumns: 6,
  });
}
