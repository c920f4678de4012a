import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Frees the images of this thread that are not used any more. A thread's collector does not see that the machine's memory is held by
 * a few large images of several threads, and would leave each its last one.
 */
export async function collectGarbage(): Promise<void> {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  // What libvips holds is freed in the loop's next turn.
  await setImmediate();
}
