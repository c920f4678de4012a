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
      'the error of an aborted stream',
      Object.assign(new Error('The operation was aborted', { cause: reason }), {
        name: 'AbortError',
      }),
      true,
    ],
    ['an error that wraps the reason', new TypeError('terminated', { cause: reason }), true],
    [
      'the error of an aborted engine setup',
      Object.assign(new Error('stopped', { cause: new Error('pip ended with code 2') }), {
        code: 'aborted',
      }),
      true,
    ],
    ['a full disk as another error', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }), false],
    ['a string as another error', 'text', false],
  ])('recognises %s', (_, error, expected) => {
    expect(isInterruption(error, signal)).toBe(expected);
    expect(isInterruption(error, new AbortController().signal)).toBe(false);
  });
});
