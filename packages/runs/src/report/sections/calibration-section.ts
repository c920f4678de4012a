import type { ArmRecord } from '../../events/events.ts';
import { armClass, armSwatch } from '../charts/arm-marker.ts';
import { count } from '../format.ts';
import { imagesOf, percent, percentInterval, points, pointsInterval } from '../page/format.ts';
import type { ArmMetrics } from '../../results/arm-metrics.ts';
import { html, type Html } from '../page/html.ts';
import { numbersBehind, type ReportSection } from '../page/report-section.ts';
import { table } from '../page/table.ts';

type FilledBin = ArmMetrics['calibration'][number] & { confidence: number; accuracy: number };

const TICKS = [0, 0.25, 0.5, 0.75, 1];
/** Radii of the marks in pixels; the area increases with the number of images. */
const RADII = { least: 2.5, most: 9 };

/**
 * Quality of the probabilities: top-5, likelihood, calibration, and a reliability diagram per arm.
 */
export function calibrationSection(
  metrics: readonly ArmMetrics[],
  arms: readonly ArmRecord[],
): ReportSection | null {
  if (metrics.length === 0) return null;
  const indexOf = (name: string): number => arms.findIndex((arm) => arm.name === name);
  return {
    id: 'calibration',
    title: 'Calibration',
    body: html`<p>Of the images with a confidence of 80 %, 80 % should be correct. Marks on the dashed line are well calibrated; below it, the arm is
overconfident. Larger marks are more images.</p>
<div class="reliability">${metrics.map((metric) => diagram(metric, indexOf(metric.arm)))}</div>
${qualityTable(metrics, indexOf)}
${scalingTable(metrics, indexOf)}
${numbersBehind(html`${metrics.map(binsTable)}`)}`,
  };
}

function filled({ calibration }: ArmMetrics): FilledBin[] {
  return calibration.filter((bin): bin is FilledBin => bin.images > 0);
}

function diagram(metric: ArmMetrics, index: number): Html {
  const bins = filled(metric);
  const most = Math.max(...bins.map(({ images }) => images));
  const marks = bins.map(({ confidence, accuracy, images }) => {
    const [x, y] = [`${(confidence * 100).toFixed(2)}%`, `${(100 - accuracy * 100).toFixed(2)}%`];
    const radius = Math.max(RADII.least, RADII.most * Math.sqrt(images / most)).toFixed(1);
    return html`<line class="gap" x1="${x}" x2="${x}" y1="${y}" y2="${(100 - confidence * 100).toFixed(2)}%"/><circle class="marker" cx="${x}" cy="${y}" r="${radius}"/>`;
  });
  const grid = TICKS.map((tick) => {
    const [x, y] = [`${tick * 100}%`, `${100 - tick * 100}%`];
    return html`<line class="grid" x1="0" x2="100%" y1="${y}" y2="${y}"/><line class="grid" x1="${x}" x2="${x}" y1="0" y2="100%"/><text x="0" dx="-6" y="${y}" dy="0.32em"
text-anchor="end">${tick * 100}</text><text x="${x}" y="100%" dy="1.3em" text-anchor="middle">${tick * 100}</text>`;
  });
  const { arm, ece } = metric;
  const words = bins
    .map(
      ({ confidence, accuracy, images }) =>
        `${percent(confidence)} confidence, ${percent(accuracy)} correct (${count(images)})`,
    )
    .join('; ');
  return html`<figure class="card"><h3>${armSwatch(index)} ${arm}</h3><div class="plot"><svg class="${armClass(index)}" width="100%" height="200" role="img"><title>Reliability of ${arm}: expected calibration error ${percent(
    ece.mean,
  )}</title><desc>${words}.</desc>${grid}<line class="ideal" x1="0" x2="100%" y1="100%" y2="0"/>${marks}</svg></div>
<p class="axis-name">% confidence (across), % correct (up)</p></figure>`;
}

function qualityTable(metrics: readonly ArmMetrics[], indexOf: (arm: string) => number): Html {
  const hasTop5 = metrics.some(({ top5 }) => top5 !== null);
  return table({
    caption:
      'Quality of the probabilities; lower is better, except for top-5 ' +
      `accuracy${metrics.some(({ seeds }) => seeds > 1) ? '; means over the seeds' : ''}`,
    columns: [
      { name: 'Arm' },
      ...(hasTop5 ? [{ name: 'Top-5 accuracy', number: true }] : []),
      { name: 'Expected calibration error', number: true },
      { name: 'Negative log-likelihood (nats)', number: true },
    ],
    rows: metrics.map(({ arm, top5, ece, nll }) => [
      html`<span class="arm">${armSwatch(indexOf(arm))} ${arm}</span>`,
      ...(hasTop5
        ? [
            top5 === null
              ? '–'
              : html`<b>${percent(top5.accuracy)}</b><span class="note">${percentInterval(top5.ci95)}</span>`,
          ]
        : []),
      percent(ece.mean),
      nll.mean.toFixed(3),
    ]),
  });
}

function scalingTable(metrics: readonly ArmMetrics[], indexOf: (arm: string) => number): Html {
  return table({
    caption:
      'Calibration before and after temperature scaling. Debiased: with less of the error that chance alone shows, with 95 % intervals by the bootstrap over images. Each half of the images is scaled with the temperature that was fitted on the other half; the temperature shown is fitted on all, above 1 if the arm is overconfident.',
    columns: [
      { name: 'Arm' },
      { name: 'Debiased error', number: true },
      { name: 'Temperature', number: true },
      { name: 'Debiased error, scaled', number: true },
      { name: 'Change', number: true },
      { name: 'Negative log-likelihood, scaled (nats)', number: true },
    ],
    rows: metrics.map(({ arm, temperatureScaling: { asTrained, scaled, temperature, change } }) => [
      html`<span class="arm">${armSwatch(indexOf(arm))} ${arm}</span>`,
      errorCell(asTrained),
      temperature.mean.toFixed(2),
      errorCell(scaled),
      html`${points(change.difference)}<span class="note">${pointsInterval(change.ci95)}</span>`,
      scaled.nll.toFixed(3),
    ]),
  });
}

function errorCell({ debiasedEce, ci95 }: ArmMetrics['temperatureScaling']['scaled']): Html {
  return html`<b>${percent(debiasedEce)}</b><span class="note">${percentInterval(ci95)}</span>`;
}

function binsTable(metric: ArmMetrics): Html {
  return table({
    caption: `Confidence and accuracy of ${metric.arm}`,
    columns: [
      { name: 'Confidence between' },
      { name: imagesOf(metric.seeds), number: true },
      { name: 'Mean confidence', number: true },
      { name: 'Accuracy', number: true },
    ],
    rows: filled(metric).map(({ low, high, images, confidence, accuracy }) => [
      percentInterval([low, high]),
      count(images),
      percent(confidence),
      percent(accuracy),
    ]),
    className: 'dense',
  });
}
