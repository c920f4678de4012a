import { signal } from '@preact/signals';
import type { ControlAnswer, ControlledProcess, StartRequest } from '../../../shared/protocol.ts';
import { fetchControl, postControl } from '../api.ts';
import { runs } from './live.ts';

/** What can be started, and what was; null until it is loaded. */
export const control = signal<ControlAnswer | null>(null);

let timer: ReturnType<typeof setTimeout> | undefined;

/** Loads {@link control}, and again while a process has not come as far as its run's lock. */
export async function followControl(): Promise<void> {
  clearTimeout(timer);
  const answer = await fetchControl();
  control.value = answer;
  if (answer.processes.some(isUnderWay))
    timer = setTimeout(() => void followControl().catch(() => undefined), 500);
}

/** Whether a process has been started that has neither ended nor begun to write its run. */
export function isUnderWay({ run, ended }: ControlledProcess): boolean {
  return !ended && runs.value.get(run)?.status !== 'running';
}

/** The latest process of a run that was started from a page. */
export function processOf(run: string): ControlledProcess | undefined {
  return control.value?.processes.find((each) => each.run === run);
}

/** @throws Error with what the server says against it */
export async function startRun(asked: StartRequest): Promise<void> {
  await change('start', asked);
}

/** Asks a run's process to save its state and end. @throws Error with what the server says against it */
export async function stopRun(run: string): Promise<void> {
  await change('stop', { run });
}

/** @throws Error with what the server says against it */
export async function resumeRun(run: string): Promise<void> {
  await change('resume', { run });
}

async function change(action: 'start' | 'stop' | 'resume', asked: unknown): Promise<void> {
  // The token is another one after each start of the server.
  const { token } = await fetchControl();
  await postControl(action, asked, token);
  await followControl();
}
