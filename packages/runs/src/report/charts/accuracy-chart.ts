import type { ArmRecord } from '../../events/events.ts';
import { armSwatch } from './arm-marker.ts';
import { horizontalAxis } from './axis.ts';
import { percent, percentInterval } from '../page/format.ts';
import { html, type Html } from '../page/html.ts';
import { intervalTrack } from './interval-track.ts';
import { ownEvaluation, policyAt } from '../page/run-facts.ts';
import { niceScale, tickDigits } from './scale.ts';

export interface AccuracyRow {
  arm: ArmRecord;
  /** Index of the arm in its run, for colour and marker. */
  index: number;
  /** Shown before the test policy, for example the name of the run. */
  note?: string;
}

/** Dot-and-interval chart: every arm's accuracy under its own test policy, on one axis. */
export function accuracyChart(rows: readonly AccuracyRow[], caption: string): Html {
  const scale = niceScale(
    rows.flatMap(({ arm }) => [ownEvaluation(arm).accuracy, ...ownEvaluation(arm).ci95]),
    { bounds: [0, 1] },
  );
  const lines = rows.map(({ arm, index, note }) => {
    const own = ownEvaluation(arm);
    return html`<div class="dots-row"><div class="dots-name">${armSwatch(index)}<span><b>${arm.name}</b>
      ${note !== undefined && html`<span class="note">${note}</span>`}<span class="code">${policyAt(own)}</span></span></div>
      <div class="dots-track">${intervalTrack({
        value: own.accuracy,
        interval: own.ci95,
        scale,
        arm: index,
        height: 48,
        title: `${note === undefined ? '' : `${note}, `}${arm.name}: ${percent(own.accuracy)}`,
        description: `95 % interval ${percentInterval(own.ci95)}, test policy ${policyAt(own)}.`,
      })}</div>
      <div class="dots-value"><b>${percent(own.accuracy)}</b> <span class="soft">${percentInterval(own.ci95)}</span></div></div>`;
  });
  const axis = horizontalAxis(scale, (tick) => percent(tick, tickDigits(scale.step * 100)));
  return html`<figure class="card dots">${lines}
<div class="dots-row" aria-hidden="true"><div class="dots-name"></div><div class="dots-track">${axis}</div>
<div class="dots-value"></div></div>
<figcaption>Mark: accuracy on the held-out images under the arm’s own test policy. Bar: 95 % interval.
The axis does not start at zero. ${caption}</figcaption></figure>`;
}
