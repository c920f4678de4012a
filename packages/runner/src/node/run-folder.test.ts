import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resize } from '@fixres/data';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseEvents } from '../events.ts';
import type { MemoryMeter } from '../run-experiment.ts';
import { processMemory } from './process-memory.ts';
import { RunFolder } from './run-folder.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-run-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('RunFolder', () => {
  it('writes configuration first, events as they come and predictions by name', async () => {
    const path = join(await temporaryFolder(), 'run');
    const folder = await RunFolder.create(path, { preset: 'quick' }, { node: 'v20' });
    folder.append({ type: 'warning', message: 'one' });
    folder.append({ type: 'run-end', seconds: 1 });
    expect(JSON.parse(await readFile(join(path, 'config.json'), 'utf8'))).toEqual({ preset: 'quick' });
    const events = parseEvents(await readFile(join(path, 'events.jsonl'), 'utf8'));
    expect(events.map(({ n, type }) => [n, type])).toEqual([
      [0, 'warning'],
      [1, 'run-end'],
    ]);

    const predictions = {
      probabilities: Float32Array.of(0.25, 0.75, 1, 0),
      classes: 2,
      labels: Int32Array.of(1, 0),
      correct: Uint8Array.of(1, 1),
    };
    await folder.writePredictions('small', 0, resize(64), predictions, { ids: ['b/1.jpg', 'a/2.jpg'], classNames: ['a', 'b'] });
    const lines = (await readFile(join(path, 'predictions/small-seed0-resize@64.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: 'b/1.jpg', label: 'b', probabilities: [0.25, 0.75] },
      { file: 'a/2.jpg', label: 'a', probabilities: [1, 0] },
    ]);
    expect(await readdir(path)).not.toContain('summary.json');
  });

  it('never writes into a folder that holds something', async () => {
    const path = await temporaryFolder();
    await writeFile(join(path, 'precious.txt'), 'x');
    await expect(RunFolder.create(path, {}, {})).rejects.toMatchObject({ code: 'run-exists' });
    expect(await readdir(path)).toEqual(['precious.txt']);
  });
});

describe('processMemory', () => {
  it('remembers a peak that has passed, until the reset', () => {
    const memory = processMemory();
    memory.reset();
    const before = memory.peakMb();
    allocateBriefly(memory);
    expect(memory.peakMb()).toBeGreaterThan(before + 250);
    expect(memory.nowMb()).toBeGreaterThan(10);
  });
});

/** Holds 300 MB while the memory is read once. */
function allocateBriefly(memory: MemoryMeter): void {
  const block = Buffer.alloc(300e6, 1);
  memory.nowMb();
  expect(block.at(-1)).toBe(1);
}
