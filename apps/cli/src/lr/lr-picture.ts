import type { RangeTest } from '@fixres/runner';
import { html, linePath, niceScale } from '@fixres/runs/report';
import type { Picture } from '../files/picture-file.ts';
import { rateText } from './lr-text.ts';

const [WIDTH, HEIGHT] = [880, 480];
const PLOT = { left: 80, right: 850, top: 70, bottom: 400 };
/** Okabe and Ito's blue and vermilion: distinguishable without colour by their width too. */
const COLOURS = {
  ink: '#1a1d21',
  soft: '#5a616a',
  grid: '#dedbd4',
  line: '#0072b2',
  mark: '#d55e00',
};

/** Draws the loss of each update, and its average, against the learning rate on a logarithmic axis. */
export function lrPicture({ arm, from, to, points, suggestion }: RangeTest): Picture {
  const decades = niceScale([Math.log10(from), Math.log10(to)], { intervals: 8, smallestStep: 1 });
  const x = (rate: number): number =>
    PLOT.left + (decades.place(Math.log10(rate)) / 100) * (PLOT.right - PLOT.left);
  // The end of a loss that diverges would flatten everything else.
  const smoothed = points.map((point) => point.smoothed);
  const until = smoothed.indexOf(Math.min(...smoothed)) + 1;
  const scale = niceScale([0, 1.5 * Math.max(0, ...smoothed.slice(0, until))]);
  const most = scale.ticks.at(-1)!;
  const y = (loss: number): number =>
    PLOT.bottom - (scale.place(Math.min(loss, most)) / 100) * (PLOT.bottom - PLOT.top);
  const path = (of: 'loss' | 'smoothed'): string =>
    linePath(points.map((point) => [x(point.learningRate), y(point[of])]));
  const title = `Loss against the learning rate: ${arm}`;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"
  font-family="DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif" font-size="13" fill="${COLOURS.soft}">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${PLOT.left}" y="40" font-size="18" font-weight="bold" fill="${COLOURS.ink}">${title}</text>
${scale.ticks.map(
  (
    tick,
  ) => html`<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="${COLOURS.grid}"/>
<text x="${PLOT.left - 8}" y="${y(tick) + 4}" text-anchor="end">${Number(tick.toPrecision(6))}</text>`,
)}
${decades.ticks.map(
  (tick) =>
    html`<text x="${x(10 ** tick)}" y="${PLOT.bottom + 22}" text-anchor="middle">1e${tick}</text>`,
)}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 48}" text-anchor="middle">learning rate; thin: loss of each update, thick: smoothed</text>
<path d="${path('loss')}" fill="none" stroke="${COLOURS.line}" stroke-opacity="0.4"/>
<path d="${path('smoothed')}" fill="none" stroke="${COLOURS.line}" stroke-width="3"/>
${
  suggestion !== null &&
  html`<line x1="${x(suggestion)}" x2="${x(suggestion)}" y1="${PLOT.top}" y2="${PLOT.bottom}" stroke="${COLOURS.mark}" stroke-width="2" stroke-dasharray="6 4"/>
<text x="${x(suggestion) + 8}" y="${PLOT.top + 14}" fill="${COLOURS.ink}">steepest at ${rateText(suggestion)}</text>`
}
</svg>`;
  return { svg: svg.markup, width: WIDTH, height: HEIGHT };
}
