import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unpackRows } from '../../shared/packed-rows.ts';
import type { RunsAnswer } from '../../shared/protocol.ts';
import { makeRun, temporaryFolder } from '../../test/make-run.ts';
import { RunIndex } from './run-index.ts';
import { RunsPages } from './runs-pages.ts';

/** A run that started this many seconds after the start of 2026. */
async function makeRunAt(root: string, name: string, second: number): Promise<void> {
  await makeRun(join(root, name), { steps: 0, learningRate: second / 1000 });
  const time = new Date(Date.UTC(2026, 0, 1) + second * 1000);
  await writeFile(join(root, name, 'events.jsonl'), `{"n":0,"time":"${time.toISOString()}"}\n`);
  await utimes(join(root, name, 'events.jsonl'), time, time);
}

it('RunsPages returns every run once, newest first, even if others start meanwhile', async () => {
  const root = await temporaryFolder();
  // Pairs of runs start at the same time.
  await Promise.all(
    Array.from({ length: 450 }, (_, i) => makeRunAt(root, `run-${i}`, Math.floor(i / 2))),
  );
  const index = new RunIndex(root);
  await index.refresh();
  const pages = new RunsPages(index, { boot: 'b', control: false });
  const pageOf = (after?: string): RunsAnswer => JSON.parse(pages.page(after)) as RunsAnswer;
  const first = pageOf();
  expect(first).toMatchObject({ boot: 'b', version: 1, total: 450, control: false });
  expect([first.rows.length, pages.page() === pages.page()]).toEqual([200, true]);
  for (let i = 0; i < 7; i++) await makeRunAt(root, `new-${i}`, 1000 + i);
  await index.refresh();
  const second = pageOf(first.next!);
  const third = pageOf(second.next!);
  expect([second.version, second.rows.length, third.rows.length, third.next]).toEqual([
    2,
    200,
    50,
    null,
  ]);
  const rows = [first, second, third].flatMap(unpackRows);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(450);
  expect(rows.map(({ startedAt }) => startedAt)).toEqual(
    rows
      .map(({ startedAt }) => startedAt)
      .sort()
      .reverse(),
  );
  for (const row of rows) expect(row.config).toEqual(index.row(row.id)!.config);
  expect(index.changesSince(first.version).rows).toHaveLength(7);
  expect(pageOf(`${third.rows.at(-1)!.startedAt} `)).toMatchObject({ rows: [], next: null });
});
