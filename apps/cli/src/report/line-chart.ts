import { armClass, armDash, armMarker, armSwatch } from './arm-marker.ts';
import { horizontalAxis } from './axis.ts';
import { html, type Html } from './html.ts';
import { niceScale, type Scale, type ScaleOptions } from './scale.ts';

export interface Point {
  x: number;
  y: number;
}

export interface Series {
  name: string;
  /** Index of the arm, for its colour and mark. */
  arm: number;
  /** The strong line. */
  mean: Point[];
  /** Lines drawn faintly behind it. */
  faint: Point[][];
}

export interface LineChart {
  title: string;
  description: string;
  xLabel: string;
  yLabel: (tick: number, scale: Scale) => string;
  yScale?: ScaleOptions;
  series: Series[];
  id: string;
}

function path(points: readonly Point[], x: Scale, y: Scale): string {
  return points.map((p, i) => `${i === 0 ? 'M' : 'L'}${x.place(p.x)},${(100 - y.place(p.y)).toFixed(2)}`).join('');
}

/**
 * Lines over whole numbers such as epochs. Lines live in a stretched coordinate system with strokes that do not stretch; text and
 * marks are placed in percent, so they keep their size on every screen.
 */
export function lineChart({ title, description, xLabel, yLabel, yScale = {}, series, id }: LineChart): Html {
  const all = series.flatMap(({ mean, faint }) => [...mean, ...faint.flat()]);
  const x = niceScale([0, ...all.map((p) => p.x)], { intervals: 6, smallestStep: 1 });
  const y = niceScale(
    all.map((p) => p.y),
    yScale,
  );
  const lines = series.map(
    ({ arm, mean, faint }) => html`<g class="${armClass(arm)}">
      ${faint.map((line) => html`<path class="faint" d="${path(line, x, y)}"/>`)}
      <path class="line" stroke-dasharray="${armDash(arm)}" d="${path(mean, x, y)}"/></g>`,
  );
  const marks = series.map(({ arm, mean }) => {
    const last = mean.at(-1)!;
    const height = `${(100 - y.place(last.y)).toFixed(2)}%`;
    return html`<g class="${armClass(arm)}">${armMarker(arm, `${x.place(last.x)}%`, height)}</g>`;
  });
  const grid = y.ticks.map((tick) => {
    const place = `${(100 - y.place(tick)).toFixed(2)}%`;
    return html`<line class="grid" x1="0" x2="100%" y1="${place}" y2="${place}"/><text x="0" dx="-8" y="${place}" dy="0.32em"
      text-anchor="end">${yLabel(tick, y)}</text>`;
  });
  return html`<figure class="card"><h3>${title}</h3>
<ul class="legend">${series.map(({ name, arm }) => html`<li>${armSwatch(arm)} ${name}</li>`)}</ul>
<div class="plot"><svg width="100%" height="240" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title>
<desc id="${id}-d">${description}</desc>${grid}
<svg width="100%" height="100%" viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible">${lines}</svg>${marks}</svg>
${horizontalAxis(x, String)}<p class="axis-name">${xLabel}</p></div></figure>`;
}
