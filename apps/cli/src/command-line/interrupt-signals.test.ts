import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { interruptSignals, signalsToIgnore } from './interrupt-signals.ts';

it('interruptSignals returns the signals that the system sends', () => {
  for (const signal of interruptSignals()) expect(constants.signals).toHaveProperty(signal);
  // Windows has no SIGTERM; closing the console sends SIGHUP.
  expect(interruptSignals('win32')).toEqual(['SIGINT', 'SIGBREAK', 'SIGHUP']);
});

it.each([true, false])(
  'interruptSignals includes SIGHUP only if there is a terminal: %j',
  (isAtTerminal) => {
    expect(interruptSignals('linux', isAtTerminal).includes('SIGHUP')).toBe(isAtTerminal);
    expect(signalsToIgnore('linux', isAtTerminal).includes('SIGHUP')).toBe(!isAtTerminal);
    expect(signalsToIgnore('win32', isAtTerminal)).toEqual([]);
  },
);
