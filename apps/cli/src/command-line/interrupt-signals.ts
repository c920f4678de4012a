import { isatty } from 'node:tty';

/**
 * The signals by which people and systems ask a program to end: Ctrl-C, SIGTERM and the end of its terminal (SIGHUP); on Windows, which
 * knows no SIGTERM, Ctrl-Break and the closing of the console window, after which some seconds are left.
 *
 * @param isAtTerminal whether input or output is a terminal; see {@link signalsToIgnore}
 */
export function interruptSignals(
  platform: NodeJS.Platform = process.platform,
  isAtTerminal: boolean = hasTerminal(),
): readonly NodeJS.Signals[] {
  if (platform === 'win32') return ['SIGINT', 'SIGBREAK', 'SIGHUP'];
  return isAtTerminal ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
}

/**
 * The signals that must not end a program. `nohup` has SIGHUP ignored, which Node undoes when it starts: a run under it would end with the
 * terminal nonetheless. It is told by what else `nohup` does: neither input nor output is a terminal.
 */
export function signalsToIgnore(
  platform: NodeJS.Platform = process.platform,
  isAtTerminal: boolean = hasTerminal(),
): readonly NodeJS.Signals[] {
  return platform === 'win32' || isAtTerminal ? [] : ['SIGHUP'];
}

/**
 * Listens for the signals that ask a program to end, and lets it outlive those that must not end it.
 *
 * @returns ends that
 */
export function onInterrupt(listener: () => void): () => void {
  const interrupt = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && process.platform !== 'win32') process.once('exit', endByHangUp);
    listener();
  };
  const listeners = [
    ...interruptSignals().map((signal) => [signal, interrupt] as const),
    ...signalsToIgnore().map((signal) => [signal, goOn] as const),
  ];
  for (const [signal, listen] of listeners) process.on(signal, listen);
  return () => {
    for (const [signal, listen] of listeners) process.off(signal, listen);
  };
}

/** Having a listener is enough for a program to outlive a signal. */
export function goOn(): void {
  // Nothing is to be done.
}

/** When it ends by itself Node wants to put a terminal back in order, and aborts where that is gone. */
function endByHangUp(): void {
  // Libraries have some of their own.
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}
