import { signal } from '@preact/signals';
import type { ControlAnswer, ControlledProcess, StartRequest } from '../../../shared/protocol.ts';
import { fetchControl, postControl } from '../api.ts';
import { runs } from './live.ts';

/** What can be started, and what was started; null until it is loaded. */
export const control = signal<ControlAnswer | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Loads {@link control}, and again until each process has the lock of its run. */
export async function followControl(): Promise<void> {
  clearTimeout(timer);
  const answer = await fetchControl();
  control.value = answer;
  if (answer.processes.some(isUnderWay))
    timer = setTimeout(() => void followControl().catch(() => undefined), 500);
}

/** Whether a process was started that has neither ended nor started writing its run. */
export function isUnderWay({ run, ended }: ControlledProcess): boolean {
  return !ended && runs.value.get(run)?.status !== 'running';
}

/** The latest process of a run that was started from a page. */
export function processOf(run: string): ControlledProcess | undefined {
  return control.value?.processes.find((each) => each.run === run);
}

/** @throws Error with the server's message */
export async function startRun(asked: StartRequest): Promise<void> {
  await change('start', asked);
}

/** Asks a run's process to save its state and end. @throws Error with the server's message */
export async function stopRun(run: string): Promise<void> {
  await change('stop', { run });
}

/** @throws Error with the server's message */
export async function resumeRun(run: string): Promise<void> {
  await change('resume', { run });
}

async function change(action: 'start' | 'stop' | 'resume', asked: unknown): Promise<void> {
  // Each start of the server creates another token.
  const { token } = await fetchControl();
  await postControl(action, asked, token);
  await followControl();
}
