import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readLogEnds } from './log-ends.ts';

async function endsOf(log: string): Promise<{ first: unknown; last: unknown[] }> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-log-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'events.jsonl'), log);
  return await readLogEnds(folder);
}

const line = (event: object): string => `${JSON.stringify(event)}\n`;

it('readLogEnds finds the first event in a line of any length, and the last ones within 64 KiB', async () => {
  const first = { type: 'run-start', config: 'ü'.repeat(300_000) };
  const many = Array.from({ length: 5000 }, (_, step) => ({ type: 'step', step }));
  const ends = await endsOf([first, ...many].map(line).join(''));
  expect(ends.first).toEqual(first);
  expect(ends.last.at(-1)).toEqual({ type: 'step', step: 4999 });
  expect(ends.last.length).toBeGreaterThan(1000);
  expect(ends.last).toEqual(many.slice(-ends.last.length));
});

it('readLogEnds uses a single line for both ends', async () => {
  expect(await endsOf('{"type":"run-start"}')).toEqual({
    first: { type: 'run-start' },
    last: [{ type: 'run-start' }],
  });
});

it('readLogEnds skips damaged lines, and finds nothing in an empty or missing log', async () => {
  expect(await endsOf(`{"type":"run-st\n${line({ type: 'step' })}null\n{"type":`)).toEqual({
    first: undefined,
    last: [{ type: 'step' }],
  });
  expect(await endsOf('')).toEqual({ first: undefined, last: [] });
  expect(await readLogEnds(join(tmpdir(), 'fixres-no-such-run'))).toEqual({
    first: undefined,
    last: [],
  });
});
