import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { interruptSignals, signalsToIgnore } from './interrupt-signals.ts';

it('are those that the system sends', () => {
  for (const signal of interruptSignals()) expect(constants.signals).toHaveProperty(signal);
  // Windows sends no SIGTERM; closing the console is SIGHUP there.
  expect(interruptSignals('win32')).toEqual(['SIGINT', 'SIGBREAK', 'SIGHUP']);
});

it.each([true, false])('ends with its terminal where it has one: %j', (isAtTerminal) => {
  expect(interruptSignals('linux', isAtTerminal).includes('SIGHUP')).toBe(isAtTerminal);
  expect(signalsToIgnore('linux', isAtTerminal).includes('SIGHUP')).toBe(!isAtTerminal);
  expect(signalsToIgnore('win32', isAtTerminal)).toEqual([]);
});
