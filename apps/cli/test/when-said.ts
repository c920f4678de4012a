import type { Kill } from './run-cli.ts';

/**
 * Sends a signal once the output of a process contains some words, or matches. Only once: a second
 * Ctrl-C ends a process before it saves anything.
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
