import { FixresEngineError } from '@fixres/engine';
import { describe, expect, it } from 'vitest';
import { ExitError } from '../exit-error.ts';
import { interruptible, isInterruption } from './interruptible.ts';

describe('isInterruption', () => {
  const controller = new AbortController();
  controller.abort();
  const { signal } = controller;
  const reason: unknown = signal.reason;

  it.each<[string, unknown, boolean]>([
    ["the signal's reason", reason, true],
    [
      'what a stream makes of it',
      Object.assign(new Error('The operation was aborted', { cause: reason }), {
        name: 'AbortError',
      }),
      true,
    ],
    ['what wraps it', new TypeError('terminated', { cause: reason }), true],
    [
      "what the engine's set-up makes of it",
      new FixresEngineError('aborted', 'stopped', { cause: new Error('pip ended with code 2') }),
      true,
    ],
    ['a full disk', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), false],
    ['no error', 'text', false],
  ])('tells %s', (_, error, expected) => {
    expect(isInterruption(error, signal)).toBe(expected);
    expect(isInterruption(error, new AbortController().signal)).toBe(false);
  });
});

describe('interruptible', () => {
  const interrupted = (work: (signal: AbortSignal) => unknown): Promise<unknown> =>
    interruptible(
      async (signal) => {
        process.emit('SIGTERM', 'SIGTERM');
        await Promise.resolve(work(signal));
      },
      () => 'Interrupted.',
    );

  it('ends work that a signal ended with code 130, and work that failed meanwhile with its failure', async () => {
    await expect(interrupted((signal) => signal.throwIfAborted())).rejects.toMatchObject({
      exitCode: 130,
      message: 'Interrupted.',
    });
    await expect(interrupted((signal) => signal.throwIfAborted())).rejects.toBeInstanceOf(
      ExitError,
    );
    const failure = new Error('The disk is full.');
    await expect(interrupted(() => Promise.reject(failure))).rejects.toBe(failure);
  });
});
