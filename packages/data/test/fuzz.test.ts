import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/fuzz.mjs', import.meta.url));

/** The output of `scripts/fuzz.mjs --json`. */
interface FuzzSummary {
  outcomes: Record<string, Record<string, number>>;
  peakMb: number;
  problems: unknown[];
}

it('the readers return a result or a typed error for every mutated input', async () => {
  // If there are problems, it prints them and exits with 1.
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    '--count',
    '480',
    '--seed',
    '7',
    '--json',
  ]).catch((error: unknown) => error as { stdout: string });
  const { outcomes, problems, peakMb } = JSON.parse(stdout) as FuzzSummary;
  expect(problems).toEqual([]);
  expect(peakMb).toBeLessThan(1024);
  // Inputs that are never read, or never rejected, would test nothing.
  expect(Object.keys(outcomes)).toEqual([
    'jpeg',
    'png',
    'webp',
    'bmp',
    'gif',
    'tiff',
    'tar',
    'tgz',
    'zip',
    'tfrecord',
    'csv',
    'jsonl',
  ]);
  for (const [kind, { read = 0, ...refused }] of Object.entries(outcomes)) {
    expect(read, kind).toBeGreaterThan(0);
    expect(
      Object.values(refused).reduce((sum, count) => sum + count, 0),
      kind,
    ).toBe(40 - read);
    expect(read, kind).toBeLessThan(40);
  }
});
