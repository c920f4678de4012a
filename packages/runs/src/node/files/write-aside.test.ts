import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '@fixres/testing';
import { writeAside } from './write-aside.ts';

describe('writeAside', () => {
  it('keeps the old file and leaves no other if writing fails', async () => {
    const folder = await temporaryFolder();
    const file = join(folder, 'a.json');
    await writeAside(file, 'old');
    await expect(writeAside(join(folder, 'missing/b.json'), 'new')).rejects.toThrow('ENOENT');
    await expect(writeAside(file, {} as string)).rejects.toThrow();
    expect(await readFile(file, 'utf8')).toBe('old');
    expect(await readdir(folder)).toEqual(['a.json']);
  });
});
