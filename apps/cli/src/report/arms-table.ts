import type { ArmRecord } from '@fixres/runner/events';
import { armSwatch } from './arm-marker.ts';
import { duration, megabytes, percent, percentInterval } from './format.ts';
import { html, type Html } from './html.ts';
import { ancestors, ownEvaluation, policyAt } from './run-facts.ts';
import { table } from './table.ts';

/** What each arm is, what it reached and what it cost. */
export function armsTable(arms: readonly ArmRecord[]): Html {
  const rows = arms.map((arm, i) => {
    const own = ownEvaluation(arm);
    const parents = ancestors(arm, arms);
    const whole = [arm, ...parents].reduce((sum, { trainSeconds }) => sum + trainSeconds, 0);
    return [
      html`<span class="arm">${armSwatch(i)} ${arm.name}</span><span class="note">${arm.description}</span>`,
      html`<b>${percent(own.accuracy)}</b><span class="note">${percentInterval(own.ci95)}</span>`,
      html`<span class="code">${policyAt(own)}</span>`,
      html`${arm.trainSize}`,
      html`${arm.epochs}${parents.length > 0 && html`<span class="note">after ${parents[0]!.name}</span>`}`,
      html`<span class="code">${arm.freeze}</span>`,
      html`${duration(arm.trainSeconds)}${parents.length > 0 && html`<span class="note">${duration(whole)} in all</span>`}`,
      megabytes(arm.peakRssMb),
    ];
  });
  return table({
    caption: 'Arms: accuracy under their own test policy with 95 % intervals, and what they cost',
    columns: [
      { name: 'Arm' },
      { name: 'Accuracy', number: true },
      { name: 'Test policy' },
      { name: 'Train size (px)', number: true },
      { name: 'Epochs', number: true },
      { name: 'Trains' },
      { name: 'Training time', number: true },
      { name: 'Peak memory', number: true },
    ],
    rows,
    className: 'arms',
  });
}
