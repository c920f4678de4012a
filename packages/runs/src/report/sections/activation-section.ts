import { type ActivationRecord, activationQuantiles, type ArmRecord } from '../../events/events.ts';
import { armSwatch } from '../charts/arm-marker.ts';
import { count } from '../format.ts';
import { percent } from '../page/format.ts';
import { html, type HtmlValue } from '../page/html.ts';
import { intervalTrack } from '../charts/interval-track.ts';
import type { ReportSection } from '../page/report-section.ts';
import { policyAt } from '../page/run-facts.ts';
import { niceScale } from '../charts/scale.ts';
import { table } from '../page/table.ts';

const [LOW, HIGH] = [0.05, 0.95].map((part) => activationQuantiles.indexOf(part)) as [
  number,
  number,
];

/** Activations before pooling for every arm and test policy; `null` if none were measured. */
export function activationSection(arms: readonly ArmRecord[]): ReportSection | null {
  const all = arms.flatMap(({ activations }) => activations ?? []);
  const [some] = all;
  if (!some) return null;
  const scale = niceScale(
    [0, ...all.flatMap(({ pooled }) => pooled.quantiles.slice(LOW, HIGH + 1))],
    { intervals: 4 },
  );
  const keyOf = (record: ActivationRecord): string =>
    `${policyAt(record)}${record.state === 'stored' ? ', before training' : ''}`;
  const keys = [...new Set(all.map(keyOf))];
  const cell = ({ name, activations }: ArmRecord, index: number, key: string): HtmlValue => {
    const record = activations?.find((each) => keyOf(each) === key);
    if (!record) return html`<span class="soft" aria-label="not measured">–</span>`;
    const { map, pooled } = record;
    const interval: [number, number] = [pooled.quantiles[LOW]!, pooled.quantiles[HIGH]!];
    const words = `${interval[0].toPrecision(2)} to ${interval[1].toPrecision(2)}`;
    return html`<b>${percent(map.zeros)}</b> zeros<span class="note">mean ${pooled.mean.toPrecision(2)}, sd ${pooled.sd.toPrecision(2)}</span>${intervalTrack(
      {
        value: pooled.mean,
        interval,
        scale,
        arm: index,
        height: 18,
        title: `${name} under ${key}: pooled mean ${pooled.mean.toPrecision(2)}`,
        description: `90 % of the pooled values lie from ${words}.`,
      },
    )}<span class="note">90 %: ${words}</span>`;
  };
  const ends = `${scale.ticks[0]!} to ${scale.ticks.at(-1)!}`;
  return {
    id: 'activations',
    title: 'Activations before pooling',
    body: html`<p>The input of the classifier at each test size. At a larger size, fewer activations are zero and the pooled values vary less; fine-tuning the
classifier and the last normalisation compensates for this. For an arm that is initialised from another, the other arm’s column shows the
values before fine-tuning.</p>
${table({
  caption: `Zeros before the pooling of layer ${some.layer}, and the pooled values: mean (mark) and middle 90 % (bar), on one axis from ${ends}. ${count(some.images)} images, first seed`,
  columns: [
    { name: 'Test policy' },
    ...arms.map(({ name }, i) => ({
      name: html`<span class="arm">${armSwatch(i)} ${name}</span>`,
    })),
  ],
  rows: keys.map((key) => [
    html`<span class="code">${key}</span>`,
    ...arms.map((arm, i) => cell(arm, i, key)),
  ]),
  className: 'evaluations',
})}`,
  };
}
