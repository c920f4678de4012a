import { describe, expect, it } from 'vitest';
import { launchOutcome } from './launch-outcome.ts';
import type { ProcessEnd } from './run-processes.ts';

const ended = (rank: number, how: number | NodeJS.Signals): ProcessEnd =>
  typeof how === 'number' ? { rank, code: how, signal: null } : { rank, code: null, signal: how };

describe('launchOutcome', () => {
  it.each([
    ['all succeed', [ended(1, 0), ended(0, 0)], 0, 'Process 0 ended with exit code 0.'],
    ['another one fails', [ended(0, 0), ended(1, 3)], 3, 'Process 1 ended with exit code 3.'],
    [
      'the first one notices',
      [ended(1, 'SIGKILL'), ended(0, 1), ended(2, 'SIGKILL')],
      1,
      'Process 1 ended by SIGKILL.',
    ],
    [
      'all are interrupted',
      [ended(1, 130), ended(0, 130)],
      130,
      'Process 1 ended with exit code 130.',
    ],
    [
      'all are interrupted while they start',
      [ended(0, 'SIGTERM'), ended(1, 'SIGKILL')],
      130,
      'Process 0 ended by SIGTERM.',
    ],
    [
      'one is preempted while it starts',
      [ended(1, 'SIGUSR1'), ended(0, 'SIGKILL')],
      85,
      'Process 1 ended by SIGUSR1.',
    ],
    [
      'another one is preempted',
      [ended(0, 130), ended(1, 85)],
      85,
      'Process 0 ended with exit code 130.',
    ],
    [
      'one is killed, and the first one too',
      [ended(1, 'SIGKILL'), ended(0, 'SIGKILL')],
      1,
      'Process 1 ended by SIGKILL.',
    ],
  ])('is a code for all if %s', (_, ends, code, text) => {
    expect(launchOutcome(ends)).toEqual({ code, text });
  });
});
