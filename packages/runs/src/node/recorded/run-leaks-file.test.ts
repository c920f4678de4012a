import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@fixres/testing';
import { expect, it } from 'vitest';
import type { RunLeaks } from '../../results/run-leaks.ts';
import { readRunLeaks, writeRunLeaks } from './run-leaks-file.ts';

it('reads what was written, and nothing from a missing or damaged file', async () => {
  const folder = await temporaryFolder();
  expect(await readRunLeaks(folder)).toBeUndefined();
  const leaks: RunLeaks = {
    format: 1,
    distance: 6,
    heldOutImages: 1,
    counts: { acrossSplit: 1, bursts: 0, acrossClasses: 0 },
    acrossSplit: [{ a: 'a', b: 'b', distance: 2 }],
    bursts: [],
    acrossClasses: [],
    dropped: ['a'],
  };
  await writeRunLeaks(folder, leaks);
  expect(await readRunLeaks(folder)).toEqual(leaks);
  for (const damaged of [
    '',
    '{',
    'null',
    '[]',
    '{"format":1}',
    JSON.stringify({ ...leaks, counts: null }),
  ]) {
    await writeFile(join(folder, 'leaks.json'), damaged);
    expect(await readRunLeaks(folder), damaged).toBeUndefined();
  }
});
