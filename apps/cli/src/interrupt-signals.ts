import { isatty } from 'node:tty';

/**
 * The signals by which people and systems ask a program to end: Ctrl-C, SIGTERM and the end of its terminal (SIGHUP); on Windows, which
 * knows no SIGTERM, Ctrl-Break and the closing of the console window, after which some seconds are left.
 *
 * @param isAtTerminal whether input or output is a terminal; see {@link signalsToIgnore}
 */
export function interruptSignals(platform: NodeJS.Platform = process.platform, isAtTerminal: boolean = hasTerminal()): readonly NodeJS.Signals[] {
  if (platform === 'win32') return ['SIGINT', 'SIGBREAK', 'SIGHUP'];
  return isAtTerminal ? ['SIGINT', 'SIGTERM', 'SIGHUP'] : ['SIGINT', 'SIGTERM'];
}

/**
 * The signals that must not end a program. `nohup` has SIGHUP ignored, which Node undoes when it starts: a run under it would end with the
 * terminal nonetheless. It is told by what else `nohup` does: neither input nor output is a terminal.
 */
export function signalsToIgnore(platform: NodeJS.Platform = process.platform, isAtTerminal: boolean = hasTerminal()): readonly NodeJS.Signals[] {
  return platform === 'win32' || isAtTerminal ? [] : ['SIGHUP'];
}

function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}
