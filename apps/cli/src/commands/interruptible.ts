import { ExitError, exitCodes } from '../exit-error.ts';
import { interruptSignals, signalsToIgnore } from '../interrupt-signals.ts';

/**
 * Runs work that Ctrl-C and the like ({@link interruptSignals}) end cleanly with exit code 130. A second one ends at once. Work that fails
 * while it ends, for want of room for what it would save, for example, has failed.
 *
 * @param message what to say when it was interrupted
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, message: () => string): Promise<T> {
  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
    if (signal === 'SIGHUP' && process.platform !== 'win32') process.once('exit', endByHangUp);
  };
  const signals = interruptSignals();
  const ignored: readonly NodeJS.Signals[] = [...signalsToIgnore(), 'SIGXFSZ'];
  for (const signal of signals) process.on(signal, interrupt);
  for (const signal of ignored) process.on(signal, goOn);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (isInterruption(error, controller.signal)) throw new ExitError(exitCodes.interrupted, message(), { cause: error });
    throw error;
  } finally {
    for (const signal of signals) process.off(signal, interrupt);
    for (const signal of ignored) process.off(signal, goOn);
  }
}

/** Whether an error says that a signal has fired, and nothing else. Streams, timers and the engine's set-up wrap the signal's reason. */
export function isInterruption(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false;
  for (let one = error; one instanceof Error; one = one.cause) {
    if (one === signal.reason || one.name === 'AbortError' || ('code' in one && one.code === 'aborted')) return true;
  }
  return false;
}

/** When it ends by itself Node wants to put a terminal back in order, and aborts where that is gone. */
function endByHangUp(): void {
  // Libraries have some of their own.
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

/**
 * Of signals that would end the process: that a file would become larger than allowed (the write that tried fails, and says so), and that a
 * terminal is gone which the process does not use.
 */
function goOn(): void {
  // Having a listener is enough.
}
