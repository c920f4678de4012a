import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { interruptSignals } from './interrupt-signals.ts';

it('are those that the system sends', () => {
  for (const signal of interruptSignals()) expect(constants.signals).toHaveProperty(signal);
  expect(interruptSignals('linux')).not.toContain('SIGHUP');
  // Windows sends no SIGTERM; closing the console is SIGHUP there.
  expect(interruptSignals('win32')).toEqual(['SIGINT', 'SIGBREAK', 'SIGHUP']);
});
