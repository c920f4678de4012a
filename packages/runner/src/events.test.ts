import { describe, expect, it } from 'vitest';
import { parseEvents } from './events.ts';

const line = (n: number): string => JSON.stringify({ n, time: '2026-01-01T00:00:00.000Z', type: 'run-interrupted' });

describe('parseEvents', () => {
  it('reads whole lines, and a last line without its end', () => {
    expect(parseEvents(`${line(0)}\n${line(1)}\n`).map(({ n }) => n)).toEqual([0, 1]);
    expect(parseEvents(`${line(0)}\n${line(1)}`).map(({ n }) => n)).toEqual([0, 1]);
    expect(parseEvents('')).toEqual([]);
  });

  it('leaves out a last line that a crash cut short', () => {
    for (let cut = 1; cut < line(1).length; cut++) {
      expect(parseEvents(`${line(0)}\n${line(1).slice(0, cut)}`).map(({ n }) => n)).toEqual([0]);
    }
  });

  it('names a damaged line', () => {
    expect(() => parseEvents(`${line(0)}\n{"n":\n${line(2)}\n`)).toThrow('Event log line 2 is not JSON.');
  });
});
