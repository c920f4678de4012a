import { isInterruption } from '@fixres/runs/read';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';
import { ignoreSignal, onInterrupt } from '../command-line/interrupt-signals.ts';

/**
 * Runs work that Ctrl-C and similar signals ({@link onInterrupt}) end cleanly with exit code 130, and
 * SIGUSR1 with 85: schedulers send it before they take a machine away. A second signal ends the
 * process at once. If the work fails while it ends, for example because
 * there is no space to save its state, the failure is reported.
 *
 * @param work also receives a function that interrupts it, like a signal
 * @param message the message after an interruption
 */
export async function interruptible<T>(
  work: (signal: AbortSignal, interrupt: () => void) => Promise<T>,
  message: () => string,
): Promise<T> {
  const controller = new AbortController();
  let exitCode: number = exitCodes.interrupted;
  const interrupt = (): void => controller.abort();
  let isAsked = false;
  const end = onInterrupt((signal) => {
    // If the work interrupted itself, because another process got the signal first, this is no second one.
    if (isAsked) process.exit(exitCodes.interrupted);
    isAsked = true;
    if (signal === 'SIGUSR1') exitCode = exitCodes.preempted;
    interrupt();
  });
  // If a file exceeds its size limit, let the write fail with an error instead of letting the
  // signal end the process.
  process.on('SIGXFSZ', ignoreSignal);
  try {
    return await work(controller.signal, interrupt);
  } catch (error) {
    if (isInterruption(error, controller.signal))
      throw new ExitError(exitCode, message(), { cause: error });
    throw error;
  } finally {
    end();
    process.off('SIGXFSZ', ignoreSignal);
  }
}
