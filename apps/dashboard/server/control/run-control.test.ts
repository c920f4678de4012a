import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeRun, temporaryFolder } from '../../test/make-run.ts';
import { RunIndex } from '../runs/run-index.ts';
import { RunControl } from './run-control.ts';

/** A folder with the crashed run `a`, and its control. A script replaces the command line. */
async function crashedRun(script: string): Promise<{ folder: string; control: RunControl }> {
  const root = await temporaryFolder();
  const folder = join(root, 'a');
  await makeRun(folder, { lock: null });
  const control = new RunControl(root, new RunIndex(root), {
    program: [process.execPath, '-e', script],
    findDataset: (source) => Promise.resolve(source),
  });
  return { folder, control };
}

/** The problem of the only process, once it has ended. */
async function problemOf(control: RunControl): Promise<string | null> {
  await expect.poll(async () => (await control.state()).processes[0]?.ended).toBe(true);
  return (await control.state()).processes[0]!.problem;
}

describe('RunControl', () => {
  it('reports the output of the process itself, not that of an earlier one', async () => {
    const { folder, control } = await crashedRun(
      'console.log("The disk is full."); process.exitCode = 1;',
    );
    await writeFile(join(folder, 'output.log'), 'Small: epoch 1\nerror: The network is gone.\n');
    await control.resume('a');
    expect(await problemOf(control)).toBe('The disk is full.');
  });

  it('reports how a process without output ended', async () => {
    const { folder, control } = await crashedRun('process.exitCode = 7;');
    await writeFile(join(folder, 'output.log'), 'error: The network is gone.\n');
    await control.resume('a');
    expect(await problemOf(control)).toBe('The process ended with exit code 7.');
  });

  it('starts one process for a run that is resumed twice at once', async () => {
    const { folder, control } = await crashedRun('console.log("Resumed");');
    const answers = await Promise.allSettled([control.resume('a'), control.resume('a')]);
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await problemOf(control)).toBeNull();
    expect(await readFile(join(folder, 'output.log'), 'utf8')).toBe('Resumed\n');
  });
});
