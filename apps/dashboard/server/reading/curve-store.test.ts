import { appendFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Curves, type CurvesJson } from '../../shared/curves.ts';
import type { CurvesAnswer } from '../../shared/protocol.ts';
import { appendEvents, makeRun, progress, temporaryFolder } from '../../test/make-run.ts';
import { EventLog, type LogPart } from '../event-log.ts';
import { CurveStore } from './curve-store.ts';
import { Turns } from './turns.ts';

const parsed = (body: Uint8Array): CurvesAnswer =>
  JSON.parse(new TextDecoder().decode(body)) as CurvesAnswer;

/**
 * Watches which parts of logs are read.
 *
 * @returns what was read since the last call
 */
function watchReads(): () => Promise<{ from: number; events: number }[]> {
  const spy = vi.spyOn(EventLog.prototype, 'read');
  onTestFinished(() => spy.mockRestore());
  return async () => {
    const { calls, results } = spy.mock;
    const parts = await Promise.all(results.map(({ value }) => value as Promise<LogPart>));
    const reads = parts.map(({ events }, i) => ({ from: calls[i]![0], events: events.length }));
    spy.mockClear();
    return reads;
  };
}

const sum = (reads: readonly { events: number }[]): number =>
  reads.reduce((all, { events }) => all + events, 0);

describe('CurveStore', () => {
  it('reads only the new part of a log that has grown, and nothing of an unchanged log', async () => {
    const folder = join(await temporaryFolder(), 'run');
    const lines = await makeRun(folder, { steps: 5000 });
    const store = new CurveStore(new Turns());
    const reads = watchReads();
    const first = await store.read(folder);
    expect(parsed(first).next).toBe(lines);
    expect(sum(await reads())).toBe(lines);
    expect(await store.read(folder)).toBe(first);
    expect(await reads()).toEqual([]);
    await appendEvents(folder, lines, [progress(1, { loss: 9 })]);
    const { next, curves } = parsed(await store.read(folder));
    expect([next, await reads(), curves.lanes[0]!.points.last?.loss]).toEqual([
      lines + 1,
      [{ from: lines, events: 1 }],
      9,
    ]);
  });

  it('reads once for all simultaneous requests', async () => {
    const folder = join(await temporaryFolder(), 'run');
    const lines = await makeRun(folder, { steps: 5000 });
    const store = new CurveStore(new Turns());
    const reads = watchReads();
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.read(folder)));
    expect(sum(await reads())).toBe(lines);
    expect(new Set(answers).size).toBe(1);
  });

  it('agrees with a fresh reading after every way in which a log can change', async () => {
    const folder = join(await temporaryFolder(), 'run');
    const lines = await makeRun(folder, { steps: 40 });
    const log = join(folder, 'events.jsonl');
    const store = new CurveStore(new Turns());
    const changes: Record<string, () => Promise<void>> = {
      'as it is': () => Promise.resolve(),
      grows: () => appendEvents(folder, lines, [progress(41), progress(42)]),
      'has half an event': () => appendFile(log, '{"type":"prog'),
      'has the other half': () => appendFile(log, 'ress"}\n'),
      'is cut': () => truncate(log, 5000),
      'is replaced by a longer one': async () => {
        await makeRun(join(folder, 'other'), { steps: 60, learningRate: 0.5 });
        await rename(join(folder, 'other', 'events.jsonl'), log);
      },
      'is written over in its place by a longer one': async () => {
        await makeRun(join(folder, 'third', 'run'), { steps: 90, learningRate: 0.25 });
        await writeFile(log, await readFile(join(folder, 'third', 'run', 'events.jsonl')));
      },
      'is deleted': () => rm(log),
      'is there again': async () => {
        await makeRun(join(folder, 'fourth'), { steps: 10 });
        await rename(join(folder, 'fourth', 'events.jsonl'), log);
      },
    };
    const seen = new Set<string>();
    for (const [how, change] of Object.entries(changes)) {
      await change();
      const answer = parsed(await store.read(folder));
      expect([how, answer]).toEqual([how, parsed(await new CurveStore(new Turns()).read(folder))]);
      seen.add(JSON.stringify(answer.curves));
    }
    // An event of a kind that is not drawn does not change the curves.
    expect(seen.size).toBe(Object.keys(changes).length - 2);
  });

  it('sends about a thousand points per curve of a long run, with every spike, and all points of a part', async () => {
    const folder = join(await temporaryFolder(), 'run');
    const lines = await makeRun(folder, { steps: 0 });
    const steps = Array.from({ length: 20_000 }, (_, i) =>
      progress(i + 1, { steps: 20_000, loss: i === 12_345 ? 99 : i === 777 ? -5 : 2 - i / 20_000 }),
    );
    await appendEvents(folder, lines, steps);
    const store = new CurveStore(new Turns());
    const { curves } = parsed(await store.read(folder));
    const { x, y } = new Curves(curves).lanes[0]!.points.line('loss', 'step');
    expect([
      x.length <= 1030,
      Math.max(...y),
      Math.min(...y),
      x[0],
      x.at(-1),
      y[0],
      y.at(-1),
    ]).toEqual([true, 99, -5, 1, 20_000, 2, 1.00005]);
    const part: CurvesJson = parsed(
      await store.read(folder, { axis: 'step', from: 12_300, to: 12_400 }),
    ).curves;
    const { means, stride } = part.lanes[0]!.points;
    expect([stride, means.step?.[0], means.step?.at(-1), means.loss?.[47]]).toEqual([
      1,
      12_299,
      12_401 - 1,
      99,
    ]);
  });
});
