import type { Kill } from './run-cli.ts';

/**
 * Sends a signal when what a process has printed so far holds some words. Once: a second Ctrl-C ends a process without its saving
 * anything.
 */
export function whenSaid(words: string, signal: NodeJS.Signals): (text: string, kill: Kill) => void {
  let isSent = false;
  return (text, kill) => {
    if (isSent || !text.includes(words)) return;
    isSent = true;
    kill(signal);
  };
}
