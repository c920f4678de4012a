import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/make-run.ts';
import { removeUnlessRun } from './remove-unless-run.ts';

describe('removeUnlessRun', () => {
  it("removes a folder that contains only the page's own files", async () => {
    const folder = join(await temporaryFolder(), 'failed');
    await mkdir(folder);
    await writeFile(join(folder, 'output.log'), 'error: no data\n');
    await writeFile(join(folder, 'experiment.json'), '{}');
    await removeUnlessRun(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('keeps a run unchanged', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'output.log'), '');
    await writeFile(join(folder, 'config.json'), '{}');
    await removeUnlessRun(folder);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'output.log']);
  });

  it('removes nothing if it cannot list the contents', async () => {
    const file = join(await temporaryFolder(), 'no-folder');
    await writeFile(file, '');
    await expect(removeUnlessRun(file)).rejects.toThrow(/ENOTDIR/);
    expect(existsSync(file)).toBe(true);
  });

  it("never removes a folder, even if it has the name of one of the page's files", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'output.log'));
    await writeFile(join(folder, 'output.log', 'mine'), '');
    await expect(removeUnlessRun(folder)).rejects.toThrow();
    expect(existsSync(join(folder, 'output.log', 'mine'))).toBe(true);
  });
});
