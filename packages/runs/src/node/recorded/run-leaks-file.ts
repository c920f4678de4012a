import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunLeaks } from '../../results/run-leaks.ts';
import { writeAside } from '../files/write-aside.ts';

const FILE = 'leaks.json';

/** Writes `leaks.json` of a run. */
export async function writeRunLeaks(run: string, leaks: RunLeaks): Promise<void> {
  await writeAside(join(run, FILE), JSON.stringify(leaks));
}

/** Reads `leaks.json` of a run; undefined for runs without one, and for a damaged file. */
export async function readRunLeaks(run: string): Promise<RunLeaks | undefined> {
  try {
    const leaks = JSON.parse(await readFile(join(run, FILE), 'utf8')) as Partial<
      Record<keyof RunLeaks, unknown>
    >;
    const lists = [leaks.acrossSplit, leaks.bursts, leaks.acrossClasses, leaks.dropped];
    const isWhole = typeof leaks.counts === 'object' && leaks.counts !== null;
    return leaks.format === 1 && isWhole && lists.every((list) => Array.isArray(list))
      ? (leaks as RunLeaks)
      : undefined;
  } catch {
    return undefined;
  }
}
