import { imageSizeText } from '@fixres/data/names';
import type { ArmRecord } from '../../events/events.ts';
import { armSwatch } from '../charts/arm-marker.ts';
import { count } from '../format.ts';
import { percent, percentInterval } from '../page/format.ts';
import { html, type Html, type HtmlValue } from '../page/html.ts';
import type { PendingArm, RecordedRun } from '../../results/recorded-run.ts';
import { ownEvaluation, policyAt } from '../page/run-facts.ts';
import { table } from '../page/table.ts';

const STATES: Record<PendingArm['state'], string> = {
  failed: '✕ failed',
  interrupted: 'interrupted',
  running: 'running',
  silent: 'silent',
  crashed: '✕ crashed',
  waiting: 'not begun',
};

/** What each arm is, and its accuracy; for arms without a result, the reason. */
export function armsTable({
  summary,
  pending,
  problem,
  standing,
  state,
}: Pick<RecordedRun, 'summary' | 'pending' | 'problem' | 'standing' | 'state'>): Html {
  const arms = summary?.arms ?? [];
  const row = (
    arm: ArmRecord | PendingArm,
    i: number,
    reached: HtmlValue,
    testPolicy: string,
  ): HtmlValue[] => [
    html`<span class="arm">${armSwatch(i)} ${arm.name}</span><span class="note">${arm.description}</span>`,
    reached,
    html`<span class="code">${testPolicy}</span>`,
    html`${imageSizeText(arm.trainSize)}`,
    html`${arm.epochs}${arm.initFrom !== null && html`<span class="note">after ${arm.initFrom}</span>`}${lengthNote(arm)}`,
    html`<span class="code">${arm.freeze}</span>`,
  ];
  const done = arms.map((arm, i) => {
    const own = ownEvaluation(arm);
    // Earlier seeds of the arm have a result; the seed that ended the run has none.
    const broken =
      state === 'failed' &&
      standing?.arm === arm.name &&
      html`<span class="note"><span class="badge worse">✕ failed with seed ${standing.seed}</span></span>`;
    return row(
      arm,
      i,
      html`<b>${percent(own.accuracy)}</b><span class="note">${percentInterval(own.ci95)}</span>${broken}`,
      policyAt(own),
    );
  });
  const rest = pending.map((arm, i) => {
    const why =
      arm.state === 'failed' && problem !== null && html`<span class="note why">${problem}</span>`;
    const badge = html`<span class="badge ${arm.state === 'failed' ? 'worse' : ''}">${STATES[arm.state]}</span>${why}`;
    return row(arm, arms.length + i, badge, arm.testPolicy);
  });
  return table({
    caption:
      'Arms: what they are, and their accuracy under their own test policy with 95 % intervals',
    columns: [
      { name: 'Arm' },
      { name: 'Accuracy', number: true },
      { name: 'Test policy' },
      { name: 'Train size (px)', number: true },
      { name: 'Epochs', number: true },
      { name: 'Trains' },
    ],
    rows: [...done, ...rest],
    className: 'arms',
  });
}

/** Shown if the length of an arm is not a chosen number of epochs. */
function lengthNote(arm: ArmRecord | PendingArm): Html {
  const steps = 'steps' in arm && html`<span class="note">${count(arm.steps)} steps</span>`;
  return html`${steps}${arm.equalCost !== undefined && html`<span class="note">same compute as ${arm.equalCost}</span>`}`;
}
