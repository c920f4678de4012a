import type { AdaptiveChoice } from '@fixres/runner';
import { html, linePath, niceScale } from '@fixres/runs/report';
import type { Picture } from '../files/picture-file.ts';

const [WIDTH, HEIGHT] = [880, 480];
const PLOT = { left: 80, right: 850, top: 70, bottom: 400 };
const INK = '#1a1d21';
const SOFT = '#5a616a';
const GRID = '#dedbd4';
/** Okabe and Ito's colours; lines of several sizes differ in their dashes too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const DASHES = ['', '7 4', '2 4', '10 3 2 3'];

/** Draws accuracy against mean compute on the confirming half: a curve over the thresholds of each small size. */
export function adaptivePicture({ pairs, large, largeAccuracy }: AdaptiveChoice): Picture {
  const points = pairs.flatMap(({ curve }) => curve);
  const flops = niceScale([0, Math.max(1, ...points.map((point) => point.flops))]);
  const accuracies = [largeAccuracy, ...points.map(({ accuracy }) => accuracy)];
  const accuracy = niceScale([Math.min(...accuracies), Math.max(...accuracies)]);
  const x = (value: number): number =>
    PLOT.left + (flops.place(value) / 100) * (PLOT.right - PLOT.left);
  const y = (value: number): number =>
    PLOT.bottom - (accuracy.place(value) / 100) * (PLOT.bottom - PLOT.top);
  const title = `Accuracy against mean compute: small sizes first, then ${large}`;
  const svg = html`<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"
  font-family="DejaVu Sans, Verdana, Segoe UI, Helvetica, Arial, sans-serif" font-size="13" fill="${SOFT}">
<title>${title}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>
<text x="${PLOT.left}" y="40" font-size="17" font-weight="bold" fill="${INK}">${title}</text>
${accuracy.ticks.map(
  (
    tick,
  ) => html`<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="${GRID}"/>
<text x="${PLOT.left - 8}" y="${y(tick) + 4}" text-anchor="end">${Number((100 * tick).toPrecision(6))} %</text>`,
)}
${flops.ticks.map(
  (tick) =>
    html`<text x="${x(tick)}" y="${PLOT.bottom + 22}" text-anchor="middle">${Number(tick.toPrecision(6))}</text>`,
)}
<text x="${(PLOT.left + PLOT.right) / 2}" y="${PLOT.bottom + 48}" text-anchor="middle">mean multiply-adds of an image, relative to ${large} alone (square); circles: calibrated thresholds</text>
${pairs.map(({ key, curve, confirmed }, i) => {
  const colour = COLOURS[i % COLOURS.length]!;
  const { flops: cost, accuracy: reached } = confirmed;
  return html`<path d="${linePath(curve.map((point) => [x(point.flops), y(point.accuracy)]))}" fill="none" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${DASHES[i % DASHES.length]!}"/>
<circle cx="${x(cost)}" cy="${y(reached)}" r="6" fill="#ffffff" stroke="${colour}" stroke-width="2.5"/>
<text x="${PLOT.right - 8}" y="${PLOT.bottom - 14 - 20 * (pairs.length - 1 - i)}" text-anchor="end" fill="${colour}">${key} first</text>`;
})}
<rect x="${x(1) - 5}" y="${y(largeAccuracy) - 5}" width="10" height="10" fill="${INK}"/>
</svg>`;
  return { svg: svg.markup, width: WIDTH, height: HEIGHT };
}
