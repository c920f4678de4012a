import { appendFile, rm, stat, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { temporaryFolder } from '../test/make-run.ts';
import { EventLog, readFirstEvent } from './event-log.ts';
import { openInside } from './open-inside.ts';

vi.mock('./open-inside.ts', { spy: true });

const all = { maxEvents: 1e6, maxBytes: 1e9 };

describe('EventLog', () => {
  it('counts whole lines only, and reads a half-written line once it is complete', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'events.jsonl');
    const log = new EventLog(folder);
    expect(await log.refresh()).toBe(false);
    await writeFile(file, '{"n":0}\n{"n":1}\n{"n":');
    expect(await log.refresh()).toBe(true);
    expect(log.lines).toBe(2);
    expect(await log.read(0, all)).toEqual({ events: [{ n: 0 }, { n: 1 }], next: 2 });
    await appendFile(file, '2}\n');
    expect(await log.refresh()).toBe(true);
    expect(await log.read(2, all)).toEqual({ events: [{ n: 2 }], next: 3 });
    expect(await log.refresh()).toBe(false);
  });

  it('skips damaged lines without losing count', async () => {
    const folder = await temporaryFolder();
    await writeFile(
      join(folder, 'events.jsonl'),
      `{"n":0}\nnot json\n\u0000\u0000\n{"long":"${'x'.repeat(1_500_000)}"}\n{"n":4}\n`,
    );
    const log = new EventLog(folder);
    await log.refresh();
    expect(log.lines).toBe(5);
    expect(await log.read(0, all)).toEqual({ events: [{ n: 0 }, { n: 4 }], next: 5 });
  });

  it('reads any range of a long log', async () => {
    const folder = await temporaryFolder();
    const text = Array.from(
      { length: 40_000 },
      (_, n) => `{"n":${n},"é":"${'ü'.repeat(n % 50)}"}\n`,
    ).join('');
    await writeFile(join(folder, 'events.jsonl'), text);
    const log = new EventLog(folder);
    await log.refresh();
    expect(log.lines).toBe(40_000);
    for (const from of [0, 511, 512, 513, 20_000, 39_990, 40_000, 50_000]) {
      const { events, next } = await log.read(from, { maxEvents: 100, maxBytes: 1e9 });
      expect(events.map((event) => (event as { n: number }).n)).toEqual(
        Array.from({ length: Math.max(0, Math.min(100, 40_000 - from)) }, (_, i) => from + i),
      );
      expect(next).toBe(from + events.length);
    }
    const { next } = await log.read(100, { maxEvents: 1000, maxBytes: 1 });
    expect(next).toBe(101);
  });

  it('starts again when the log is truncated, replaced or deleted', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'events.jsonl');
    await writeFile(file, '{"n":0}\n{"n":1}\n');
    const log = new EventLog(folder);
    await log.refresh();
    expect(log.generation).toBe(0);
    await truncate(file, 8);
    expect(await log.refresh()).toBe(true);
    expect([log.lines, log.generation]).toEqual([1, 1]);
    await rm(file);
    expect(await log.refresh()).toBe(true);
    expect([log.lines, log.generation]).toEqual([0, 2]);
    expect(await log.refresh()).toBe(false);
    expect(await log.read(0, all)).toEqual({ events: [], next: 0 });
  });

  it('starts again when the log is overwritten in place with a shorter, equal or longer text', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'events.jsonl');
    const written = async (text: string): Promise<void> => {
      await writeFile(file, text);
      // Otherwise the clock of the file system may not have advanced.
      await utimes(file, new Date(), new Date(Date.now() + seconds++ * 1000));
    };
    let seconds = 0;
    await written('{"n":0}\n{"n":1}\n');
    const { ino } = await stat(file);
    const log = new EventLog(folder);
    await log.refresh();
    for (const [generation, text, events] of [
      [1, '{"n":5}\n{"n":6}\n', [{ n: 5 }, { n: 6 }]],
      [2, '{"n":70}\n{"n":8}\n{"n":9}\n', [{ n: 70 }, { n: 8 }, { n: 9 }]],
      [3, '{"n":1}\n', [{ n: 1 }]],
    ] as const) {
      await written(text);
      expect(await log.refresh()).toBe(true);
      expect([log.generation, log.lines, (await log.read(0, all)).events]).toEqual([
        generation,
        events.length,
        events,
      ]);
      expect(await log.refresh()).toBe(false);
    }
    expect((await stat(file)).ino).toBe(ino);
  });

  it('stays the same log while it only grows', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'events.jsonl');
    const log = new EventLog(folder);
    for (let n = 0; n < 100; n++) {
      await appendFile(file, `{"n":${n},"long":"${'x'.repeat(n * 5)}"}\n{"half`);
      await log.refresh();
      await appendFile(file, '":1}\n');
      await log.refresh();
    }
    expect([log.generation, log.lines]).toEqual([0, 200]);
  });

  it('counts a huge log in parts', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'events.jsonl');
    await writeFile(file, '{"n":0}\n');
    await truncate(file, 150e6);
    await appendFile(file, '\n{"n":2}\n');
    const log = new EventLog(folder);
    expect([await log.refresh(), log.lines, log.isBehind]).toEqual([true, 1, true]);
    expect(await log.read(0, all)).toEqual({ events: [{ n: 0 }], next: 1 });
    let looks = 1;
    for (; log.isBehind; looks++) expect(await log.refresh()).toBe(true);
    expect([looks, log.lines, await log.refresh()]).toEqual([3, 3, false]);
    expect(await log.read(1, all)).toEqual({ events: [{ n: 2 }], next: 3 });
    expect(await readFirstEvent(folder)).toEqual({ n: 0 });
  });

  it('has nothing more to count in a log that cannot be opened, until it can', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'events.jsonl'), '{"n":0}\n');
    const log = new EventLog(folder);
    vi.mocked(openInside).mockResolvedValueOnce(undefined);
    await log.refresh();
    expect([log.lines, log.isBehind]).toEqual([0, false]);
    expect([await log.refresh(), log.lines]).toEqual([true, 1]);
    await appendFile(join(folder, 'events.jsonl'), '{"n":1}\n');
    vi.mocked(openInside).mockResolvedValueOnce(undefined);
    expect([await log.refresh(), log.isBehind]).toEqual([false, false]);
    expect([await log.refresh(), log.lines]).toEqual([true, 2]);
  });

  it('does not follow a link', async () => {
    const [folder, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await writeFile(join(elsewhere, 'secret.jsonl'), '{"n":0}\n');
    await symlink(join(elsewhere, 'secret.jsonl'), join(folder, 'events.jsonl'));
    const log = new EventLog(folder);
    await log.refresh();
    expect(log.lines).toBe(0);
  });
});
