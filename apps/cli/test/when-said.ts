import type { Kill } from './run-cli.ts';

/**
 * Sends a signal when what a process has printed so far holds some words, or matches. Once: a second Ctrl-C ends a process without its saving
 * anything.
 */
export function whenSaid(
  words: string | RegExp,
  signal: NodeJS.Signals,
): (text: string, kill: Kill) => void {
  let isSent = false;
  return (text, kill) => {
    if (isSent || !(typeof words === 'string' ? text.includes(words) : words.test(text))) return;
    isSent = true;
    kill(signal);
  };
}
