import type { PreparationListeners } from '@fixres/runner/node';
import type { Terminal } from '../terminal/terminal.ts';

/** Shows in the terminal what is reported while images are opened and checked. */
export function listenersOf(terminal: Terminal): PreparationListeners {
  return {
    note: (text) => terminal.line(text),
    warning: (text) => terminal.warn(text),
    progress: (text) => terminal.progress(text),
  };
}
