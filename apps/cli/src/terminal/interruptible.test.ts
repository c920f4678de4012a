import { describe, expect, it, vi } from 'vitest';
import { ExitError } from '../command-line/exit-error.ts';
import { interruptible } from './interruptible.ts';

describe('interruptible', () => {
  const interrupted = (work: (signal: AbortSignal) => unknown): Promise<unknown> =>
    interruptible(
      async (signal) => {
        process.emit('SIGTERM', 'SIGTERM');
        await Promise.resolve(work(signal));
      },
      () => 'Interrupted.',
    );

  it('exits with 130 for interrupted work, and with the failure if the work fails meanwhile', async () => {
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

  it('ends at once only after two signals, of which work that interrupts itself is none', async () => {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    try {
      await interruptible(
        (_, interrupt) => {
          interrupt();
          process.emit('SIGTERM', 'SIGTERM');
          expect(exit).not.toHaveBeenCalled();
          process.emit('SIGTERM', 'SIGTERM');
          expect(exit).toHaveBeenCalledExactlyOnceWith(130);
          return Promise.resolve();
        },
        () => '',
      );
    } finally {
      exit.mockRestore();
    }
  });
});
