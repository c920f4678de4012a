import type { ClusterTask } from '@fixres/engine/cluster';
import { followSession, type FollowSessionOptions } from '@fixres/runner/node';
import type { ClusterOptions } from '../options/cluster-options.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { eventPrinter } from './print-events.ts';

/** Takes part in the run of another process; prints nothing, or its events if the environment asks for them. */
export async function follow(
  engine: FollowSessionOptions['engine'],
  task: ClusterTask,
  { stepTimeout }: ClusterOptions,
): Promise<void> {
  const onEvent = eventPrinter(process.env);
  await interruptible(
    (signal, interrupt) =>
      followSession({ engine, cluster: { task, stepTimeout, interrupt }, onEvent, signal }),
    () => `Interrupted process ${task.rank}.`,
  );
}
