import { isInterruption } from '@fixres/runs/node';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { goOn, onInterrupt } from '../command-line/interrupt-signals.ts';

/**
 * Runs work that Ctrl-C and the like ({@link onInterrupt}) end cleanly with exit code 130. A second one ends at once. Work that fails
 * while it ends, for want of room for what it would save, for example, has failed.
 *
 * @param message what to say when it was interrupted
 */
export async function interruptible<T>(
  work: (signal: AbortSignal) => Promise<T>,
  message: () => string,
): Promise<T> {
  const controller = new AbortController();
  const end = onInterrupt(() => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
  });
  // A file that would become larger than allowed: the write that tried fails, and says so, where the signal would end the process.
  process.on('SIGXFSZ', goOn);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (isInterruption(error, controller.signal))
      throw new ExitError(exitCodes.interrupted, message(), { cause: error });
    throw error;
  } finally {
    end();
    process.off('SIGXFSZ', goOn);
  }
}
