import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/make-run.ts';
import { removeUnlessRun } from './remove-unless-run.ts';

describe('removeUnlessRun', () => {
  it('removes a folder that holds only what the page put there', async () => {
    const folder = join(await temporaryFolder(), 'failed');
    await mkdir(folder);
    await writeFile(join(folder, 'output.log'), 'error: no data\n');
    await writeFile(join(folder, 'experiment.json'), '{}');
    await removeUnlessRun(folder);
    expect(existsSync(folder)).toBe(false);
  });

  it('leaves a run whole', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'output.log'), '');
    await writeFile(join(folder, 'config.json'), '{}');
    await removeUnlessRun(folder);
    expect((await readdir(folder)).sort()).toEqual(['config.json', 'output.log']);
  });

  it('removes nothing where it cannot see what there is', async () => {
    const file = join(await temporaryFolder(), 'no-folder');
    await writeFile(file, '');
    await expect(removeUnlessRun(file)).rejects.toThrow(/ENOTDIR/);
    expect(existsSync(file)).toBe(true);
  });

  it('removes no folder for the name that it has', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'output.log'));
    await writeFile(join(folder, 'output.log', 'mine'), '');
    await expect(removeUnlessRun(folder)).rejects.toThrow();
    expect(existsSync(join(folder, 'output.log', 'mine'))).toBe(true);
  });
});
