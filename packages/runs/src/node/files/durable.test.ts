import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { syncFolder, syncPath } from './durable.ts';

it.each(['linux', 'win32'] as const)(
  'syncPath leaves files and folders unchanged on %s',
  async (platform) => {
    const folder = await mkdtemp(join(tmpdir(), 'fixres-durable-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, 'a.json');
    await writeFile(file, '{}');
    await syncFolder(folder, platform);
    expect(await readFile(file, 'utf8')).toBe('{}');
    // A missing file cannot be made durable.
    await expect(syncPath(join(folder, 'b.json'), platform)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  },
);
