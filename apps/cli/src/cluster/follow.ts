import type { ClusterTask } from '@fixres/engine/cluster';
import { followSession, type FollowSessionOptions } from '@fixres/runner/node';
import type { ClusterOptions } from '../options/cluster-options.ts';
import { interruptible } from '../terminal/interruptible.ts';

/** Takes part in the run of another process; prints nothing. */
export async function follow(
  engine: FollowSessionOptions['engine'],
  task: ClusterTask,
  { stepTimeout }: ClusterOptions,
): Promise<void> {
  await interruptible(
    (signal, interrupt) =>
      followSession({ engine, cluster: { task, stepTimeout, interrupt }, signal }),
    () => `Interrupted process ${task.rank}.`,
  );
}
