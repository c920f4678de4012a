import type { AdaptiveChoice } from '@fixres/runner';
import { html, linePath, niceScale } from '@fixres/runs/report';
import { acrossOf, INK, lineChart, PLOT, upwardsOf } from '../files/line-chart.ts';
import type { Picture } from '../files/picture-file.ts';

/** Okabe and Ito's colours; lines of several sizes differ in their dashes too. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const DASHES = ['', '7 4', '2 4', '10 3 2 3'];

/** Draws accuracy against mean compute on the confirming half: a curve over the thresholds of each small size. */
export function adaptivePicture({ pairs, large, largeAccuracy }: AdaptiveChoice): Picture {
  const points = pairs.flatMap(({ curve }) => curve);
  const flops = niceScale([0, Math.max(1, ...points.map((point) => point.flops))]);
  const accuracies = [largeAccuracy, ...points.map(({ accuracy }) => accuracy)];
  const accuracy = niceScale([Math.min(...accuracies), Math.max(...accuracies)]);
  const x = (value: number): number => acrossOf(flops.place(value));
  const y = (value: number): number => upwardsOf(accuracy.place(value));
  return lineChart({
    title: `Accuracy against mean compute: small sizes first, then ${large}`,
    titleSize: 17,
    label: `mean multiply-adds of an image, relative to ${large} alone (square); circles: calibrated thresholds`,
    across: flops.ticks.map((tick) => ({ at: x(tick), text: `${Number(tick.toPrecision(6))}` })),
    upwards: accuracy.ticks.map((tick) => ({
      at: y(tick),
      text: `${Number((100 * tick).toPrecision(6))} %`,
    })),
    content: html`${pairs.map(({ key, curve, confirmed }, i) => {
      const colour = COLOURS[i % COLOURS.length]!;
      const { flops: cost, accuracy: reached } = confirmed;
      return html`<path d="${linePath(curve.map((point) => [x(point.flops), y(point.accuracy)]))}" fill="none" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${DASHES[i % DASHES.length]!}"/>
<circle cx="${x(cost)}" cy="${y(reached)}" r="6" fill="#ffffff" stroke="${colour}" stroke-width="2.5"/>
<text x="${PLOT.right - 8}" y="${PLOT.bottom - 14 - 20 * (pairs.length - 1 - i)}" text-anchor="end" fill="${colour}">${key} first</text>`;
    })}
<rect x="${x(1) - 5}" y="${y(largeAccuracy) - 5}" width="10" height="10" fill="${INK}"/>`,
  });
}
