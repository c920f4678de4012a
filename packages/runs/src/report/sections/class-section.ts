import type { ArmRecord, ClassAccuracy } from '../../events/events.ts';
import { armSwatch } from '../charts/arm-marker.ts';
import { count, counted } from '../format.ts';
import { imagesOf, percent, percentInterval } from '../page/format.ts';
import type { ArmMetrics } from '../../results/arm-metrics.ts';
import { html, type Html, type HtmlValue } from '../page/html.ts';
import { intervalTrack } from '../charts/interval-track.ts';
import { numbersBehind, type ReportSection } from '../page/report-section.ts';
import { ownEvaluation, policyAt } from '../page/run-facts.ts';
import { niceScale } from '../charts/scale.ts';
import { table } from '../page/table.ts';

/** A matrix with more classes is not readable; the most frequent confusions are listed instead. */
const MATRIX_CLASSES = 16;
/** Number of confusions in that list. */
const LISTED = 15;
/** Number of matrices, and of classes, that are visible; the rest is one click away. */
const IN_SIGHT = { matrices: 4, classes: 24 };
/** Shades of the style sheet. */
const SHADES = 5;

/** Which classes are recognised, and which are confused. */
export function classSection(
  metrics: readonly ArmMetrics[],
  classNames: readonly string[],
  arms: readonly ArmRecord[],
): ReportSection | null {
  if (metrics.length === 0) return null;
  const indexOf = (name: string): number => arms.findIndex((arm) => arm.name === name);
  const perClass = perClassTable(metrics, classNames, indexOf);
  const confusions = metrics.map((metric) => {
    const index = indexOf(metric.arm);
    return confusionCard(metric, classNames, index, policyAt(ownEvaluation(arms[index]!)));
  });
  const shown = confusions.slice(0, IN_SIGHT.matrices);
  const rest = confusions.slice(IN_SIGHT.matrices);
  return {
    id: 'classes',
    title: 'Class by class',
    body: html`<p>Every arm under its own test policy. Rows are the true classes, columns the predicted ones.</p>
<div class="pair">${shown}</div>${
      rest.length > 0 &&
      html`<details><summary>${counted(rest.length, 'further arm')}</summary><div class="pair">${rest}</div></details>`
    }
${classNames.length <= IN_SIGHT.classes ? perClass : numbersBehind(perClass, `Accuracy of all ${classNames.length} classes`)}`,
  };
}

function confusionCard(
  metric: ArmMetrics,
  classNames: readonly string[],
  index: number,
  policy: string,
): Html {
  const { arm } = metric;
  const inside =
    classNames.length <= MATRIX_CLASSES
      ? matrix(metric, classNames)
      : confusionList(metric, classNames);
  return html`<div class="card matrix-card"><h3>${armSwatch(index)} ${arm} <span class="code soft">${policy}</span></h3>${inside}</div>`;
}

function matrix({ arm, confusion, seeds }: ArmMetrics, classNames: readonly string[]): Html {
  const sums = confusion.map((row) => row.reduce((sum, images) => sum + images, 0));
  const rows = confusion.map(
    (row, label) => html`<tr><th scope="row">${classNames[label]!}</th>${row.map(
      (images, predicted) => {
        const shade = images === 0 ? 0 : Math.max(1, Math.ceil((images / sums[label]!) * SHADES));
        return html`<td class="${label === predicted ? 'right' : 'wrong'}-${shade}">${count(images)}</td>`;
      },
    )}</tr>
`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Confusion matrix of ${arm}"><table class="matrix"><caption><span>${imagesOf(seeds)} of ${arm} by true class (rows) and predicted class (columns)</span></caption>
<thead><tr><td></td>${classNames.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

function confusionList({ arm, confusion, seeds }: ArmMetrics, classNames: readonly string[]): Html {
  const mistakes = confusion
    .flatMap((row, label) => row.map((images, predicted) => ({ label, predicted, images })))
    .filter(({ label, predicted, images }) => label !== predicted && images > 0)
    .sort((a, b) => b.images - a.images)
    .slice(0, LISTED);
  return table({
    caption: `The most frequent confusions of ${arm}`,
    columns: [{ name: 'Class' }, { name: 'Predicted as' }, { name: imagesOf(seeds), number: true }],
    rows: mistakes.map(({ label, predicted, images }) => [
      classNames[label]!,
      classNames[predicted]!,
      count(images),
    ]),
    className: 'dense',
  });
}

function perClassTable(
  metrics: readonly ArmMetrics[],
  classNames: readonly string[],
  indexOf: (arm: string) => number,
): Html {
  const scale = niceScale([0, 1], { intervals: 4, bounds: [0, 1] });
  const cell = (
    { accuracy, ci95, correct, total }: ClassAccuracy,
    arm: string,
    className: string,
  ): HtmlValue => {
    if (accuracy === null || ci95 === null)
      return html`<span class="soft" aria-label="no images">–</span>`;
    return html`<b>${percent(accuracy)}</b><span class="note">${percentInterval(ci95)}</span>${intervalTrack(
      {
        value: accuracy,
        interval: ci95,
        scale,
        arm: indexOf(arm),
        height: 18,
        title: `${arm}, ${className}: ${percent(accuracy)}`,
        description: `95 % interval ${percentInterval(ci95)}.`,
      },
    )}<span class="note">${count(correct)} of ${count(total)}</span>`;
  };
  return table({
    caption:
      'Accuracy on the images of each ' +
      `class${metrics.some(({ seeds }) => seeds > 1) ? ', counted once per seed' : ''}, with ` +
      '95 % intervals drawn on one axis from 0 to 100 %',
    columns: [
      { name: 'Class' },
      ...metrics.map(({ arm }) => ({
        name: html`<span class="arm">${armSwatch(indexOf(arm))} ${arm}</span>`,
      })),
    ],
    rows: classNames.map((className, label) => [
      className,
      ...metrics.map(({ arm, classes }) => cell(classes[label]!, arm, className)),
    ]),
    className: 'evaluations',
    mostColumns: 6,
  });
}
