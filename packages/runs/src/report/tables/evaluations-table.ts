import type { ArmRecord } from '../../events/events.ts';
import { armSwatch } from '../charts/arm-marker.ts';
import { count } from '../format.ts';
import { percent, percentInterval } from '../page/format.ts';
import { html, type Html, type HtmlValue } from '../page/html.ts';
import { intervalTrack } from '../charts/interval-track.ts';
import { ownEvaluation, policyAt } from '../page/run-facts.ts';
import { niceScale } from '../charts/scale.ts';
import { table } from '../page/table.ts';

const NOT_EVALUATED: Html = html`<span class="soft" aria-label="not evaluated">–</span>`;

/** Every arm under every test policy: policies are rows, arms are columns. */
export function evaluationsTable(arms: readonly ArmRecord[]): Html {
  const policies = [...new Set(arms.flatMap((arm) => arm.evaluations.map(policyAt)))];
  const scale = niceScale(
    arms.flatMap((arm) => arm.evaluations.flatMap(({ accuracy, ci95 }) => [accuracy, ...ci95])),
    { intervals: 4, bounds: [0, 1] },
  );
  const isCountedOften = arms.some(({ evaluations }) =>
    evaluations.some(({ overSeeds }) => (overSeeds?.values.length ?? 1) > 1),
  );
  const cell = (arm: ArmRecord, column: number, policy: string): HtmlValue => {
    const evaluation = arm.evaluations.find((e) => policyAt(e) === policy);
    if (!evaluation) return NOT_EVALUATED;
    const { accuracy, ci95, correct, total } = evaluation;
    return html`<b>${percent(accuracy)}</b>${evaluation === ownEvaluation(arm) && html` <span class="tag">own</span>`}<span
      class="note">${percentInterval(ci95)}</span>${intervalTrack({
        value: accuracy,
        interval: ci95,
        scale,
        arm: column,
        height: 18,
        title: `${arm.name} under ${policy}: ${percent(accuracy)}`,
        description: `95 % interval ${percentInterval(ci95)}.`,
      })}<span class="note">${count(correct)} of ${count(total)}</span>`;
  };
  const ends = percentInterval([scale.ticks[0]!, scale.ticks.at(-1)!]).replaceAll('.0', '');
  return table({
    caption:
      'Accuracy of every arm under every test ' +
      `policy${isCountedOften ? ', each image counted once per seed' : ''}, with 95 % ` +
      `intervals drawn on one axis from ${ends}`,
    columns: [
      { name: 'Test policy' },
      ...arms.map(({ name }, i) => ({
        name: html`<span class="arm">${armSwatch(i)} ${name}</span>`,
      })),
    ],
    rows: policies.map((policy) => [
      html`<span class="code">${policy}</span>`,
      ...arms.map((arm, column) => cell(arm, column, policy)),
    ]),
    className: 'evaluations',
    mostColumns: 6,
  });
}
