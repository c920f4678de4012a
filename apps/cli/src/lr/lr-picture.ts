import type { RangeTest } from '@fixres/runner';
import { html, linePath, niceScale } from '@fixres/runs/report';
import { acrossOf, INK, lineChart, PLOT, upwardsOf } from '../files/line-chart.ts';
import type { Picture } from '../files/picture-file.ts';
import { rateText } from './lr-text.ts';

/** Okabe and Ito's blue and vermilion: distinguishable without colour by their width too. */
const COLOURS = { line: '#0072b2', mark: '#d55e00' };

/** Draws the loss of each update, and its average, against the learning rate on a logarithmic axis. */
export function lrPicture({ arm, from, to, points, suggestion }: RangeTest): Picture {
  const decades = niceScale([Math.log10(from), Math.log10(to)], { intervals: 8, smallestStep: 1 });
  const x = (rate: number): number => acrossOf(decades.place(Math.log10(rate)));
  // The end of a loss that diverges would flatten everything else.
  const smoothed = points.map((point) => point.smoothed);
  const until = smoothed.indexOf(Math.min(...smoothed)) + 1;
  const scale = niceScale([0, 1.5 * Math.max(0, ...smoothed.slice(0, until))]);
  const most = scale.ticks.at(-1)!;
  const y = (loss: number): number => upwardsOf(scale.place(Math.min(loss, most)));
  const path = (of: 'loss' | 'smoothed'): string =>
    linePath(points.map((point) => [x(point.learningRate), y(point[of])]));
  return lineChart({
    title: `Loss against the learning rate: ${arm}`,
    titleSize: 18,
    label: 'learning rate; thin: loss of each update, thick: smoothed',
    across: decades.ticks.map((tick) => ({ at: x(10 ** tick), text: `1e${tick}` })),
    upwards: scale.ticks.map((tick) => ({ at: y(tick), text: `${Number(tick.toPrecision(6))}` })),
    content: html`<path d="${path('loss')}" fill="none" stroke="${COLOURS.line}" stroke-opacity="0.4"/>
<path d="${path('smoothed')}" fill="none" stroke="${COLOURS.line}" stroke-width="3"/>
${
  suggestion !== null &&
  html`<line x1="${x(suggestion)}" x2="${x(suggestion)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="${COLOURS.mark}" stroke-width="2" stroke-dasharray="6 4"/>
<text x="${x(suggestion) + 8}" y="${PLOT.top + 14}" fill="${INK}">steepest at ${rateText(suggestion)}</text>`
}`,
  });
}
