import { expect, it } from 'vitest';
import { runState, type RunSigns, SILENT_AFTER_MS } from './run-state.ts';

const now = 1e9;
const signs: RunSigns = {
  hasSummary: false,
  lastEvent: 'epoch',
  writer: 'gone',
  updatedAt: now,
  now,
};
const silent = { updatedAt: now - SILENT_AFTER_MS - 1 };

it.each<[Partial<RunSigns>, string]>([
  [{ hasSummary: true, writer: 'living' }, 'finished'],
  [{ lastEvent: 'run-end' }, 'finished'],
  [{ writer: 'living' }, 'running'],
  [{ writer: 'living', ...silent }, 'running'],
  [{ writer: 'living', lastEvent: 'run-interrupted' }, 'running'],
  [{ writer: 'elsewhere' }, 'running'],
  [{ writer: 'elsewhere', ...silent }, 'silent'],
  [{ lastEvent: 'run-failed' }, 'failed'],
  [{ lastEvent: 'run-interrupted' }, 'interrupted'],
  [{}, 'crashed'],
  [{ lastEvent: undefined }, 'crashed'],
])('%j is %s', (given, state) => {
  expect(runState({ ...signs, ...given })).toBe(state);
});
