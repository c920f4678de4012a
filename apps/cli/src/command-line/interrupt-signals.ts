import { isatty } from 'node:tty';

/**
 * The signals that ask a program to end: Ctrl-C, SIGTERM, SIGUSR1, which Slurm and others send before
 * they take a machine away, and the end of its terminal (SIGHUP); on
 * Windows, which has no SIGTERM, Ctrl-Break and closing the console window, which leaves a few
 * seconds.
 *
 * @param isAtTerminal whether input or output is a terminal; see {@link signalsToIgnore}
 */
export function interruptSignals(
  platform: NodeJS.Platform = process.platform,
  isAtTerminal: boolean = hasTerminal(),
): readonly NodeJS.Signals[] {
  if (platform === 'win32') return ['SIGINT', 'SIGBREAK', 'SIGHUP'];
  const always = ['SIGINT', 'SIGTERM', 'SIGUSR1'] as const;
  return isAtTerminal ? [...always, 'SIGHUP'] : always;
}

/**
 * The signals that must not end the program. `nohup` ignores SIGHUP, but Node resets this at
 * startup, so a run would still end with the terminal. `nohup` is recognised by its other effect:
 * neither input nor output is a terminal.
 */
export function signalsToIgnore(
  platform: NodeJS.Platform = process.platform,
  isAtTerminal: boolean = hasTerminal(),
): readonly NodeJS.Signals[] {
  return platform === 'win32' || isAtTerminal ? [] : ['SIGHUP'];
}

/**
 * Listens for the signals that ask a program to end, and ignores those that must not end it.
 *
 * @returns a function that removes the listeners
 */
export function onInterrupt(listener: (signal: NodeJS.Signals) => void): () => void {
  const interrupt = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && process.platform !== 'win32') process.once('exit', endByHangUp);
    listener(signal);
  };
  const listeners = [
    ...interruptSignals().map((signal) => [signal, interrupt] as const),
    ...signalsToIgnore().map((signal) => [signal, ignoreSignal] as const),
  ];
  for (const [signal, listen] of listeners) process.on(signal, listen);
  return () => {
    for (const [signal, listen] of listeners) process.off(signal, listen);
  };
}

/** A listener that ignores a signal; having a listener prevents the default action. */
export function ignoreSignal(): void {
  // Nothing to do.
}

/** At exit, Node restores the terminal state, and aborts if the terminal is gone. */
function endByHangUp(): void {
  // Libraries may have added listeners.
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}
