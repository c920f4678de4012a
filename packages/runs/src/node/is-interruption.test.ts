import { describe, expect, it } from 'vitest';
import { isInterruption } from './is-interruption.ts';

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
      Object.assign(new Error('stopped', { cause: new Error('pip ended with code 2') }), {
        code: 'aborted',
      }),
      true,
    ],
    ['a full disk', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), false],
    ['no error', 'text', false],
  ])('tells %s', (_, error, expected) => {
    expect(isInterruption(error, signal)).toBe(expected);
    expect(isInterruption(error, new AbortController().signal)).toBe(false);
  });
});
