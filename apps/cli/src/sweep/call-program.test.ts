import { createHook } from 'node:async_hooks';
import { execPath } from 'node:process';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { callProgram } from './call-program.ts';

/** Calls a program. @returns what it gives, and the number of timers of the call that still keep this process alive */
async function watched(
  ...call: Parameters<typeof callProgram>
): Promise<{ result: unknown; timers: number }> {
  const timers = new Set<number>();
  let isStarting = true;
  const hook = createHook({
    init: (id, type) => void (isStarting && type === 'Timeout' && timers.add(id)),
    destroy: (id) => void timers.delete(id),
  }).enable();
  const calling = callProgram(...call).catch((error: unknown) => error);
  isStarting = false;
  expect(timers.size).toBe(1);
  const result = await calling;
  // Hooks hear of what is destroyed after the current events.
  await setImmediate();
  await setImmediate();
  hook.disable();
  return { result, timers: timers.size };
}

it('gives a program its input, and returns what it prints', async () => {
  const echo = ['-e', 'process.stdin.pipe(process.stdout)'];
  expect(await watched(execPath, echo, { input: 'script' })).toEqual({
    result: 'script',
    timers: 0,
  });
});

it.each([
  ['fixres-no-such-program', [], 'fixres-no-such-program is not installed'],
  [execPath, ['-e', 'console.error("no\\n  controller"); process.exit(3)'], 'no controller'],
])('reports that %s fails, and does not wait any longer', async (program, args, message) => {
  const { result, timers } = await watched(program, args);
  expect(result).toMatchObject({ message: expect.stringContaining(message) as string });
  expect(timers).toBe(0);
});
