import type { ArmRecord, ComparisonRecord, EvaluationRecord } from '../../events/events.ts';
import { armSwatch } from '../charts/arm-marker.ts';
import { intervalTrack } from '../charts/interval-track.ts';
import { niceScale } from '../charts/scale.ts';
import { count } from '../format.ts';
import { percent, percentInterval, points, pointsInterval, pValue } from '../page/format.ts';
import { html, type Html, type HtmlValue } from '../page/html.ts';
import { numbersBehind, type ReportSection } from '../page/report-section.ts';
import { ownEvaluation, policyAt } from '../page/run-facts.ts';
import { table } from '../page/table.ts';
import { SUBSET_ACCURACY, unseenText } from '../text/multi-label-text.ts';

type Scored = EvaluationRecord & { multiLabel: NonNullable<EvaluationRecord['multiLabel']> };

/** With more classes, their table is one click away. */
const IN_SIGHT = 24;

/** Mean average precision and F1 of multi-label images; null if images have one class each. */
export function multiLabelSection(
  arms: readonly ArmRecord[],
  comparisons: readonly ComparisonRecord[],
  classNames: readonly string[],
): ReportSection | null {
  const scored = arms.flatMap((arm, index) =>
    arm.evaluations.flatMap((evaluation) =>
      isScored(evaluation) ? [{ arm, index, evaluation }] : [],
    ),
  );
  const [first] = scored;
  if (first === undefined) return null;
  const unseen = unseenText(first.evaluation.multiLabel, classNames);
  const perClass = classTable(arms, classNames);
  return {
    id: 'multi-label',
    title: 'Mean average precision',
    body: html`<p>${SUBSET_ACCURACY} The headline, the curves and the comparisons of accuracy are of it. Average precision does not depend on thresholds; it is the area under the curve of precision over recall of a class, and mAP its mean over the classes. ${unseen.join(' ')}</p>
${precisionTable(scored)}
${comparisons.some(({ meanAveragePrecision }) => meanAveragePrecision) && comparedTable(comparisons)}
${classNames.length <= IN_SIGHT ? perClass : numbersBehind(perClass, `Average precision of all ${classNames.length} classes`)}`,
  };
}

function isScored(evaluation: EvaluationRecord): evaluation is Scored {
  return evaluation.multiLabel !== undefined;
}

function precisionTable(
  scored: readonly { arm: ArmRecord; index: number; evaluation: Scored }[],
): Html {
  const scale = niceScale([0, 1], { intervals: 4, bounds: [0, 1] });
  return table({
    caption:
      'Mean average precision of every arm under every test policy, with 95 % intervals (bootstrap) drawn on one axis from 0 to 100 %, and F1 at the thresholds',
    columns: [
      { name: 'Arm' },
      { name: 'Test policy' },
      { name: 'mAP' },
      { name: 'Micro F1', number: true },
      { name: 'Macro F1', number: true },
    ],
    rows: scored.map(({ arm, index, evaluation }) => {
      const { meanAveragePrecision: precision, f1 } = evaluation.multiLabel;
      const isOwn = evaluation === ownEvaluation(arm);
      return [
        html`<span class="arm">${armSwatch(index)} ${arm.name}</span>`,
        html`<span class="code">${policyAt(evaluation)}</span>${isOwn && html` <span class="tag">own</span>`}`,
        precision
          ? html`<b>${percent(precision.mean)}</b><span class="note">${percentInterval(precision.ci95)}</span>${intervalTrack(
              {
                value: precision.mean,
                interval: precision.ci95,
                scale,
                arm: index,
                height: 18,
                title: `${arm.name} under ${policyAt(evaluation)}: ${percent(precision.mean)}`,
                description: `95 % interval ${percentInterval(precision.ci95)}.`,
              },
            )}`
          : NONE,
        percent(f1.micro.mean),
        percent(f1.macro.mean),
      ];
    }),
    className: 'evaluations',
  });
}

const NONE: Html = html`<span class="soft" aria-label="no images">–</span>`;

function comparedTable(comparisons: readonly ComparisonRecord[]): Html {
  return table({
    caption:
      'Differences in mAP on the same held-out images in percentage points, with 95 % intervals (paired bootstrap)',
    columns: [
      { name: 'Arms' },
      { name: 'Difference', number: true },
      { name: 'Verdict' },
      { name: 'p, adjusted', number: true },
    ],
    rows: comparisons.flatMap(({ a, b, policy, meanAveragePrecision }): HtmlValue[][] =>
      meanAveragePrecision === undefined
        ? []
        : [
            [
              html`<b>${a}</b> <span class="soft">against</span> <b>${b}</b>${policy !== 'own' && html`<span class="note">both under <span class="code">${policy}</span></span>`}`,
              html`<b>${points(meanAveragePrecision.difference)}</b><span class="note">${pointsInterval(meanAveragePrecision.ci95)}</span>`,
              html`<span class="badge ${meanAveragePrecision.verdict.replace(' ', '-')}">${meanAveragePrecision.verdict}</span>`,
              html`${pValue(meanAveragePrecision.pAdjusted)}<span class="note">uncorrected ${pValue(meanAveragePrecision.p)}</span>`,
            ],
          ],
    ),
    className: 'comparisons',
  });
}

function classTable(arms: readonly ArmRecord[], classNames: readonly string[]): Html {
  const own = arms.flatMap((arm, index) => {
    const { multiLabel } = ownEvaluation(arm);
    return multiLabel ? [{ arm, index, classes: multiLabel.classes }] : [];
  });
  return table({
    caption: 'Average precision of each class, and its F1, under the own test policy of each arm',
    columns: [
      { name: 'Class' },
      { name: 'Images', number: true },
      ...own.map(({ arm, index }) => ({
        name: html`<span class="arm">${armSwatch(index)} ${arm.name}</span>`,
        number: true,
      })),
    ],
    rows: classNames.map((name, label) => [
      name,
      count(own[0]!.classes[label]!.images),
      ...own.map(({ classes }): HtmlValue => {
        const { averagePrecision, f1 } = classes[label]!;
        return averagePrecision === null
          ? NONE
          : html`<b>${percent(averagePrecision)}</b><span class="note">F1 ${percent(f1)}</span>`;
      }),
    ]),
    mostColumns: 6,
  });
}
