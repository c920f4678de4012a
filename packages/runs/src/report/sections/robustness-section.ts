import type { ArmRecord, RobustnessRecord, RobustnessSummary } from '../../events/events.ts';
import { armSwatch } from '../charts/arm-marker.ts';
import { typographic } from '../format.ts';
import { percent, percentInterval, points, pointsInterval, pValue } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import type { ReportSection } from '../page/report-section.ts';
import { table } from '../page/table.ts';
import { conditionsWords, robustnessSentences } from '../text/robustness-text.ts';

/** Shades of the style sheet. */
const SHADES = 5;

/** The arms on corrupted images: means, comparisons, and a heat map of each arm. */
export function robustnessSection(
  arms: readonly ArmRecord[],
  robustness: RobustnessSummary | undefined,
): ReportSection | null {
  if (robustness === undefined) return null;
  const rows = arms.flatMap(({ name, robustness: record }, index) =>
    record === undefined ? [] : [{ name, index, record }],
  );
  return {
    id: 'robustness',
    title: 'Corrupted images',
    body: html`${robustnessSentences(robustness, arms).map((sentence) => html`<p>${typographic(sentence)}</p>`)}
${table({
  caption: conditionsWords(robustness),
  columns: [
    { name: 'Arm' },
    { name: 'Clean', number: true },
    { name: 'Corrupted', number: true },
    { name: 'mCE', number: true },
  ],
  rows: rows.map(({ name, index, record: { clean, accuracy, ci95, mce } }) => [
    html`<span class="arm">${armSwatch(index)} ${name}</span>`,
    percent(clean),
    html`<b>${percent(accuracy)}</b><span class="note">${percentInterval(ci95)}</span>`,
    mce === null ? '–' : percent(mce),
  ]),
})}
${robustness.comparisons.length > 0 && comparisonTable(robustness)}
<p>Accuracy under each corruption (rows) and severity (columns). Darker cells keep more of the accuracy on clean images.</p>
<div class="pair">${rows.map(
      ({ name, index, record }) =>
        html`<div class="card matrix-card"><h3>${armSwatch(index)} ${name}</h3>${heatMap(name, record)}</div>`,
    )}</div>`,
  };
}

function comparisonTable({ comparisons }: RobustnessSummary): Html {
  return table({
    caption:
      'Differences of the mean accuracy on corrupted images, paired, in points with 95 % intervals. Beyond clean: the difference on corrupted images minus that on clean ones.',
    columns: [
      { name: 'Comparison' },
      { name: 'Corrupted', number: true },
      { name: 'p (Holm)', number: true },
      { name: 'Clean', number: true },
      { name: 'Beyond clean', number: true },
    ],
    rows: comparisons.map(({ a, b, difference, ci95, pAdjusted, clean, kept }) => [
      `${a} − ${b}`,
      html`<b>${points(difference)}</b><span class="note">${pointsInterval(ci95)}</span>`,
      pValue(pAdjusted),
      points(clean),
      html`${points(kept.difference)}<span class="note">${pointsInterval(kept.ci95)}</span>`,
    ]),
  });
}

function heatMap(arm: string, { conditions, clean }: RobustnessRecord): Html {
  const severities = [...new Set(conditions.map(({ severity }) => severity))];
  const names = [...new Set(conditions.map(({ corruption }) => corruption))];
  const rows = names.map(
    (name) => html`<tr><th scope="row">${name.replaceAll('_', ' ')}</th>${conditions
      .filter(({ corruption }) => corruption === name)
      .map(({ accuracy }) => {
        const part = clean === 0 ? 0 : accuracy / clean;
        const shade = Math.min(Math.max(Math.round(part * SHADES), 0), SHADES);
        return html`<td class="right-${shade}">${(100 * accuracy).toFixed(0)}</td>`;
      })}</tr>
`,
  );
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Corruptions of ${arm}"><table class="matrix"><caption><span>% correct of ${arm} by corruption (rows) and severity (columns); ${percent(clean)} without corruption</span></caption>
<thead><tr><td></td>${severities.map((severity) => html`<th scope="col">${severity}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
