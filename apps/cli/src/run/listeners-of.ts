import type { PreparationListeners } from '@fixres/runner/node';
import type { Terminal } from '../terminal/terminal.ts';

/** Shows messages about the opening and checking of images in the terminal. */
export function listenersOf(terminal: Terminal): PreparationListeners {
  return {
    note: (text) => terminal.line(text),
    warning: (text) => terminal.warn(text),
    progress: (text) => terminal.progress(text),
  };
}
