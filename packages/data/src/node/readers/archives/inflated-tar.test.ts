import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { inflatedTar } from './inflated-tar.ts';

it('leaves no file behind if it is aborted at any time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-data-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const archive = join(folder, 'a.tgz');
  await writeFile(archive, gzipSync(randomBytes(2_000_000)));
  const cache = join(folder, 'cache');
  let aborted = 0;
  for (let turns = 0; turns < 12; turns++) {
    const controller = new AbortController();
    const done = inflatedTar(archive, cache, controller.signal).catch((error: unknown) => error);
    const begun = Date.now();
    // Its hash comes first; then the folder is made, and soon after that the file.
    while (!existsSync(join(cache, 'archives')) && Date.now() - begun < 60_000)
      await setImmediate();
    for (let turn = 0; turn < turns; turn++) await setImmediate();
    controller.abort();
    const result = await done;
    if (result === controller.signal.reason) aborted += 1;
    else expect(result).toMatch(/\.tar$/);
    // A file that was about to be opened would appear now.
    await setTimeout(5);
    const left = await readdir(join(cache, 'archives')).catch(() => []);
    expect(
      left.filter((name) => name.endsWith('.partial')),
      `${turns} turns`,
    ).toEqual([]);
    await rm(cache, { recursive: true, force: true });
  }
  expect(aborted).toBeGreaterThan(2);
});
