import type { EpochRecord } from '../../events/events.ts';
import { percent } from '../page/format.ts';
import { html } from '../page/html.ts';
import { lineChart, type Point, type Series } from './line-chart.ts';
import type { ReportSection } from '../page/report-section.ts';
import { ancestors, type TrainedArm } from '../page/run-facts.ts';
import { tickDigits } from './scale.ts';

/** Mean over all lines that have a value at x, for every x. */
function meanLine(lines: readonly Point[][]): Point[] {
  const byX = new Map<number, number[]>();
  for (const { x, y } of lines.flat()) byX.set(x, [...(byX.get(x) ?? []), y]);
  return [...byX]
    .sort(([a], [b]) => a - b)
    .map(([x, ys]) => ({ x, y: ys.reduce((sum, y) => sum + y, 0) / ys.length }));
}

/**
 * Epochs of the seed that trained longest; early stopping can end an arm before its planned epochs.
 */
function epochsTrained({ curves }: TrainedArm): number {
  return Math.max(0, ...curves.map(({ epochs }) => epochs.length));
}

/**
 * One series per arm; an arm that is initialised from another continues after that arm's last
 * epoch.
 */
function seriesOf(arms: readonly TrainedArm[], value: (epoch: EpochRecord) => number): Series[] {
  return arms.flatMap((arm, index) => {
    const before = ancestors(arm, arms).reduce((sum, parent) => sum + epochsTrained(parent), 0);
    const lines = arm.curves
      .map(({ epochs }) =>
        epochs
          .map((e) => ({ x: before + e.epoch + 1, y: value(e) }))
          .filter(({ y }) => Number.isFinite(y)),
      )
      .filter((line) => line.length > 0);
    if (lines.length === 0) return [];
    return [
      { name: arm.name, arm: index, mean: meanLine(lines), faint: lines.length > 1 ? lines : [] },
    ];
  });
}

function describe(series: readonly Series[], show: (y: number) => string): string {
  return series
    .map(({ name, mean }) => `${name}: from ${show(mean[0]!.y)} to ${show(mean.at(-1)!.y)}`)
    .join('. ');
}

/** Held-out accuracy and training loss over epochs; `null` if no arm has a curve. */
export function trainingCurves(arms: readonly TrainedArm[]): ReportSection | null {
  const accuracy = seriesOf(arms, (e) => e.heldOutAccuracy);
  const loss = seriesOf(arms, (e) => e.loss);
  if (accuracy.length === 0 && loss.length === 0) return null;
  const severalSeeds = [...accuracy, ...loss].some(({ faint }) => faint.length > 0);
  const continued = arms.some((arm) => ancestors(arm, arms).length > 0);
  const body = html`<p>After every epoch; accuracy under the arm’s own test policy.
${continued && 'An arm that is initialised from another is drawn after the other’s last epoch. '}${
    severalSeeds && 'Faint lines are single seeds, strong lines their mean.'
  }</p>
<div class="pair">
${
  accuracy.length > 0 &&
  lineChart({
    title: 'Held-out accuracy',
    description: `${describe(accuracy, (y) => percent(y))}.`,
    xLabel: 'Epoch',
    yLabel: (tick, scale) => percent(tick, tickDigits(scale.step * 100)),
    yScale: { bounds: [0, 1] },
    show: (y) => percent(y),
    series: accuracy,
  })
}
${
  loss.length > 0 &&
  lineChart({
    title: 'Training loss',
    description: `${describe(loss, (y) => y.toFixed(3))}.`,
    xLabel: 'Epoch',
    yLabel: (tick, scale) => tick.toFixed(tickDigits(scale.step)),
    show: (y) => y.toFixed(3),
    series: loss,
  })
}
</div>`;
  return { id: 'curves', title: 'Training', body };
}
