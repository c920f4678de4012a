import { describe, expect, it } from 'vitest';
import { parseEvents, type RunEvent, settledEvents } from './events.ts';

const line = (n: number): string =>
  JSON.stringify({ n, time: '2026-01-01T00:00:00.000Z', type: 'run-interrupted' });

describe('parseEvents', () => {
  it('reads complete lines, and a last line without a line break', () => {
    expect(parseEvents(`${line(0)}\n${line(1)}\n`).map(({ n }) => n)).toEqual([0, 1]);
    expect(parseEvents(`${line(0)}\n${line(1)}`).map(({ n }) => n)).toEqual([0, 1]);
    expect(parseEvents('')).toEqual([]);
  });

  it('skips a last line that a crash truncated', () => {
    for (let cut = 1; cut < line(1).length; cut++) {
      expect(parseEvents(`${line(0)}\n${line(1).slice(0, cut)}`).map(({ n }) => n)).toEqual([0]);
    }
  });

  it('reports the number of a damaged line', () => {
    expect(() => parseEvents(`${line(0)}\n{"n":\n${line(2)}\n`)).toThrow(
      'Event log line 2 is not JSON.',
    );
  });
});

describe('settledEvents', () => {
  const at = (n: number, rest: object): RunEvent =>
    ({ n, time: '2026-01-01T00:00:00.000Z', ...rest }) as RunEvent;
  const epoch = (n: number, epoch: number): RunEvent =>
    at(n, { type: 'epoch', arm: 'small', seed: 0, epoch });

  it('removes events of lost work that was repeated', () => {
    const events = [
      at(0, { type: 'run-start' }),
      epoch(1, 0),
      epoch(2, 1),
      at(3, { type: 'warning', message: 'kept' }),
      at(4, { type: 'run-resumed', after: 1 }),
      epoch(5, 1),
      epoch(6, 2),
      at(7, { type: 'run-resumed', after: 5 }),
      epoch(8, 2),
    ];
    expect(settledEvents(events).map(({ n }) => n)).toEqual([0, 1, 3, 4, 5, 7, 8]);
    expect(settledEvents(events.slice(0, 3))).toEqual(events.slice(0, 3));
  });

  it('keeps the choice of a size, which is work of the first arm, when the arm that gets it starts again', () => {
    const chosen = at(2, { type: 'size-chosen', arm: 'tuned', from: 'small', seed: 0 });
    const resumed = (arm: string): RunEvent =>
      at(3, { type: 'run-resumed', after: 2, again: [{ arm, seed: 0, after: -1 }] });
    expect(settledEvents([chosen, resumed('tuned')])).toHaveLength(2);
    expect(settledEvents([chosen, resumed('small')])).toHaveLength(1);
  });
});
