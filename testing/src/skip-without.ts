import type { TestContext } from 'vitest';
import type {} from './requirements.ts';

/**
 * Skips the running test, for what only a running test can find out; otherwise give it a tag of
 * requirements.ts. The test command reports what it needs.
 *
 * @param needs continues "1 test needs"
 */
export function skipWithout(
  needs: string,
  { skip, task }: Pick<TestContext, 'skip' | 'task'>,
): never {
  task.meta.needs = needs;
  return skip();
}
