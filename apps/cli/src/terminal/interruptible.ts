import { isInterruption } from '@fixres/runs/read';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { ignoreSignal, onInterrupt } from '../command-line/interrupt-signals.ts';

/**
 * Runs work that Ctrl-C and similar signals ({@link onInterrupt}) end cleanly with exit code 130. A
 * second signal ends the process at once. If the work fails while it ends, for example because
 * there is no space to save its state, the failure is reported.
 *
 * @param message the message after an interruption
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
  // If a file exceeds its size limit, let the write fail with an error instead of letting the
  // signal end the process.
  process.on('SIGXFSZ', ignoreSignal);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (isInterruption(error, controller.signal))
      throw new ExitError(exitCodes.interrupted, message(), { cause: error });
    throw error;
  } finally {
    end();
    process.off('SIGXFSZ', ignoreSignal);
  }
}
