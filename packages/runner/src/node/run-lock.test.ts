import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RunLock } from './run-lock.ts';

async function lockFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-lock-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'lock');
}

/** The number of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid!;
}

describe('RunLock', () => {
  it('lets one in at a time, and the next one when it is released', async () => {
    const file = await lockFile();
    const lock = await RunLock.acquire(file);
    await expect(RunLock.acquire(file)).rejects.toMatchObject({
      code: 'run-locked',
      message: expect.stringContaining(`process ${process.pid} on ${hostname()}`) as string,
    });
    await lock.release();
    await (await RunLock.acquire(file)).release();
    expect(await readdir(join(file, '..'))).toEqual([]);
  });

  it('lets one of many in', async () => {
    const file = await lockFile();
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => RunLock.acquire(file)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('does not count the lock of a process that has ended', async () => {
    const file = await lockFile();
    await writeFile(file, JSON.stringify({ pid: await endedProcess(), host: hostname(), started: null }));
    await RunLock.acquire(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it.runIf(process.platform === 'linux')('does not count the lock of a process whose number another one has now', async () => {
    const file = await lockFile();
    // Our own number, and a start in an earlier boot.
    await writeFile(file, JSON.stringify({ pid: process.pid, host: hostname(), started: 'another-boot/123' }));
    await RunLock.acquire(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ started: expect.not.stringContaining('another-boot') as string });
  });

  it('counts the lock of another machine, whose processes cannot be seen', async () => {
    const file = await lockFile();
    await writeFile(file, JSON.stringify({ pid: await endedProcess(), host: 'elsewhere', started: null }));
    await expect(RunLock.acquire(file)).rejects.toThrow(/process \d+ on elsewhere\. .*remove .*lock/);
  });
});
