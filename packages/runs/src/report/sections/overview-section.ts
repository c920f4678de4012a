import { accuracyChart, type AccuracyRow } from '../charts/accuracy-chart.ts';
import { duration, percent, percentInterval } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import type { RunState } from '../../events/run-state.ts';
import type { ReportRun } from '../page/report-input.ts';
import { numbersBehind } from '../page/report-section.ts';
import { ownEvaluation, policyAt } from '../page/run-facts.ts';
import { table } from '../page/table.ts';

const STATES: Record<RunState, string> = {
  finished: 'finished',
  failed: '✕ failed',
  interrupted: 'interrupted',
  running: 'running',
  silent: 'silent',
  crashed: '✕ crashed',
};

/** Several runs side by side: their states, and the accuracies of all their arms on one axis. */
export function overviewSection(
  runs: readonly ReportRun[],
  anchorOf: (run: number) => string,
): Html {
  const rows = runs.map(({ name, state, dataset, config, summary, seconds }, i) => {
    const best = summary?.arms.toSorted(
      (a, b) => ownEvaluation(b).accuracy - ownEvaluation(a).accuracy,
    )[0];
    const { model } = config.experiment;
    return [
      html`<a href="#${anchorOf(i)}">${name}</a>`,
      html`<span class="badge ${state === 'failed' ? 'worse' : ''}">${STATES[state]}</span>`,
      dataset?.name ?? config.dataset.source,
      html`<span class="code">${model.folder ?? model.name}</span>`,
      `${summary?.arms.length ?? 0} of ${config.experiment.arms.length}`,
      best === undefined
        ? '–'
        : html`<b>${percent(ownEvaluation(best).accuracy)}</b><span class="note">${best.name}, ${percentInterval(ownEvaluation(best).ci95)}</span>`,
      duration(seconds),
    ];
  });
  const arms = runs.flatMap(({ name, summary }) =>
    (summary?.arms ?? []).map((arm, index) => ({ arm, index, note: name })),
  );
  return html`<section aria-label="All runs">${table({
    caption: 'Runs',
    columns: [
      { name: 'Run' },
      { name: 'State' },
      { name: 'Data set' },
      { name: 'Model' },
      { name: 'Arms done', number: true },
      { name: 'Highest accuracy', number: true },
      { name: 'Time', number: true },
    ],
    rows,
  })}${arms.length > 0 && html`<div class="below">${accuracyChart(arms, 'Runs may differ in their held-out images, and the highest accuracy of several arms is partly chance.')}${numbersBehind(armsOfAllRuns(arms))}</div>`}</section>`;
}

function armsOfAllRuns(arms: readonly AccuracyRow[]): Html {
  return table({
    caption: 'Arms of all runs: accuracy under their own test policy, with 95 % intervals',
    columns: [
      { name: 'Arm' },
      { name: 'Run' },
      { name: 'Test policy' },
      { name: 'Accuracy', number: true },
      { name: '95 % interval', number: true },
    ],
    rows: arms.map(({ arm, note = '' }) => {
      const own = ownEvaluation(arm);
      return [
        arm.name,
        note,
        html`<span class="code">${policyAt(own)}</span>`,
        percent(own.accuracy),
        percentInterval(own.ci95),
      ];
    }),
    className: 'dense',
  });
}
