import { html, type Html } from '../page/html.ts';
import type { RunState } from '../../events/run-state.ts';
import type { RecordedRun } from '../../results/recorded-run.ts';

const HEADLINES: Record<Exclude<RunState, 'finished'>, string> = {
  failed: 'This run failed.',
  interrupted: 'This run was interrupted.',
  running: 'This run has not finished.',
  silent: 'This run has not finished.',
  crashed: 'This run crashed.',
};

/** What a run without an end is doing. */
const DOING: Partial<Record<RunState, string>> = {
  running: 'It is still running. ',
  silent: 'It runs on another machine, or crashed there. ',
  crashed: '',
};

/** State of a run without a result; `null` for a finished one. */
export function statusSection(run: RecordedRun): Html | null {
  const { state, problem, batch, resumeCommand, summary, latest } = run;
  if (state === 'finished') return null;
  const arms = run.config.experiment.arms.length;
  const done = summary?.arms.length ?? 0;
  const shown =
    done === 0
      ? 'No arm has a result yet.'
      : done === arms
        ? 'All arms have results of at least one seed; they are shown below.'
        : `${done} of ${arms} arms ${done === 1 ? 'has' : 'have'} results; they are shown below.`;
  const seen =
    latest === null || !(state in DOING)
      ? ''
      : ` ${DOING[state]}Its last event is from ${latest.slice(0, 16).replace('T', ' ')} UTC.`;
  return html`<section class="status ${state}" aria-label="State of the run"><h2>${HEADLINES[state]}</h2>
${problem !== null && html`<p class="problem">${problem}</p>`}
${batch.length > 0 && html`<details><summary>Images of the batch</summary><p class="code">${batch.join(', ')}</p></details>`}
<p>${standingText(run)}${shown}${seen}</p>
${state !== 'running' && html`<p class="soft">Resume it: <span class="code">${resumeCommand}</span></p>`}</section>`;
}

function standingText({ standing, state }: RecordedRun): string {
  if (standing === null) return '';
  const { arm, seed, epoch, epochs } = standing;
  const where = epoch < epochs ? `after ${epoch} of ${epochs} epochs` : 'during evaluation';
  return `It ${state === 'running' || state === 'silent' ? 'is' : 'ended'} in arm ${arm}, seed ${seed}, ${where}. `;
}
