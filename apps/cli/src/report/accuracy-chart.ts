import type { Summary } from '@fixres/runner/events';
import { armSwatch } from './arm-marker.ts';
import { horizontalAxis } from './axis.ts';
import { percent, percentInterval } from './format.ts';
import { html, type Html } from './html.ts';
import { intervalTrack } from './interval-track.ts';
import { ownEvaluation, policyAt } from './run-facts.ts';
import { niceScale, tickDigits } from './scale.ts';

const OVERLAP =
  ' Overlapping bars do not decide whether two arms differ: they saw the same images, so paired comparisons are sharper.';

/** Dot-and-interval chart: every arm's accuracy under its own test policy, on one axis. */
export function accuracyChart({ arms, comparisons }: Summary): Html {
  const scale = niceScale(
    arms.flatMap((arm) => [ownEvaluation(arm).accuracy, ...ownEvaluation(arm).ci95]),
    { intervals: 6, bounds: [0, 1] },
  );
  const rows = arms.map((arm, i) => {
    const own = ownEvaluation(arm);
    return html`<div class="dots-row"><div class="dots-name">${armSwatch(i)}<span><b>${arm.name}</b>
      <span class="code">${policyAt(own)}</span></span></div>
      <div class="dots-track">${intervalTrack({
        value: own.accuracy,
        interval: own.ci95,
        scale,
        arm: i,
        height: 48,
        title: `${arm.name}: ${percent(own.accuracy)}`,
        description: `95 % interval ${percentInterval(own.ci95)}, test policy ${policyAt(own)}.`,
        id: `accuracy-${i}`,
      })}</div>
      <div class="dots-value"><b>${percent(own.accuracy)}</b> <span class="soft">${percentInterval(own.ci95)}</span></div></div>`;
  });
  const axis = horizontalAxis(scale, (tick) => percent(tick, tickDigits(scale.step * 100)));
  return html`<figure class="card dots">${rows}
<div class="dots-row" aria-hidden="true"><div class="dots-name"></div><div class="dots-track">${axis}</div>
<div class="dots-value"></div></div>
<figcaption>Mark: accuracy on the held-out images under the arm’s own test policy. Bar: 95 % interval.
The axis does not start at zero.${comparisons.length > 0 && OVERLAP}</figcaption></figure>`;
}
