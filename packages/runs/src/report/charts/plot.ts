import { armSwatch } from './arm-marker.ts';
import { html, type Html } from '../page/html.ts';
import type { Scale } from './scale.ts';

export interface Plot {
  title: string;
  /** The same as text, for screen readers. */
  description: string;
  /** Entries of the legend: names of arms and their indices. */
  legend: readonly { name: string; arm: number }[];
  y: Scale;
  yLabel: (tick: number) => string;
  xLabel: string;
  /** Labels below the plot, from `horizontalAxis`. */
  axis: Html;
  /** In a 100 x 100 coordinate system that is stretched to the plot; strokes are not stretched. */
  lines: readonly Html[];
  /** In percent, so that they keep their size on every screen. */
  marks: readonly Html[];
  /** The same numbers as a table, if there is none next to the chart. */
  numbers?: Html;
}

/** Position from the top in percent. */
export function fromTop(scale: Scale, value: number): string {
  return `${(100 - scale.place(value)).toFixed(2)}%`;
}

/** The frame of a chart: title, legend, horizontal grid, axis, and its numbers. */
export function plot({
  title,
  description,
  legend,
  y,
  yLabel,
  xLabel,
  axis,
  lines,
  marks,
  numbers = html``,
}: Plot): Html {
  const grid = y.ticks.map((tick) => {
    const place = fromTop(y, tick);
    return html`<line class="grid" x1="0" x2="100%" y1="${place}" y2="${place}"/><text x="0" dx="-8" y="${place}" dy="0.32em"
      text-anchor="end">${yLabel(tick)}</text>`;
  });
  return html`<figure class="card"><h3>${title}</h3>
<ul class="legend">${legend.map(({ name, arm }) => html`<li>${armSwatch(arm)} ${name}</li>`)}</ul>
<div class="plot"><svg width="100%" height="240" role="img"><title>${title}</title><desc>${description}</desc>${grid}
<svg width="100%" height="100%" viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible">${lines}</svg>${marks}</svg>
${axis}<p class="axis-name">${xLabel}</p></div>${numbers}</figure>`;
}
