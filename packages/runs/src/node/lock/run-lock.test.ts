import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile, utimes } from 'node:fs/promises';
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
  it('admits one at a time, and the next after its release', async () => {
    const file = await lockFile();
    const lock = await RunLock.acquire(file);
    await expect(RunLock.acquire(file)).rejects.toMatchObject({
      code: 'run-locked',
      message: expect.stringContaining(`Process ${process.pid} on ${hostname()}`) as string,
    });
    await lock.release();
    await (await RunLock.acquire(file)).release();
    expect(await readdir(join(file, '..'))).toEqual([]);
  });

  it('admits one of many', async () => {
    const file = await lockFile();
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => RunLock.acquire(file)));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('ignores the lock of a process that has exited', async () => {
    const file = await lockFile();
    await writeFile(
      file,
      JSON.stringify({ pid: await endedProcess(), host: hostname(), started: null }),
    );
    await RunLock.acquire(file);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it(
    'does not count the lock of a process whose number another one has now',
    { tags: 'linux' },
    async () => {
      const file = await lockFile();
      // Our own number, and a start in an earlier boot.
      await writeFile(
        file,
        JSON.stringify({ pid: process.pid, host: hostname(), started: 'another-boot/123' }),
      );
      await RunLock.acquire(file);
      expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({
        started: expect.not.stringContaining('another-boot') as string,
      });
    },
  );

  // As a loss of power leaves them.
  it.each(['', '\0\0\0\0', '{"pid":', '{}', 'null'])(
    'does not count a lock that is %j and names no process',
    async (content) => {
      const file = await lockFile();
      await writeFile(file, content);
      const lock = await RunLock.acquire(file);
      expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: process.pid });
      await lock.release();
      expect(await readdir(join(file, '..'))).toEqual([]);
    },
  );

  it('removes only the files of processes that were killed while acquiring', async () => {
    const file = await lockFile();
    const gone = JSON.stringify({ pid: await endedProcess(), host: hostname(), started: null });
    for (const name of ['lock.12.partial', 'lock.0123456789abcdef'])
      await writeFile(join(file, '..', name), gone);
    await writeFile(
      join(file, '..', 'lock.13.partial'),
      JSON.stringify({ pid: process.pid, host: hostname(), started: null }),
    );
    await writeFile(join(file, '..', 'config.json'), gone);
    // Killed before it wrote who it is, an hour ago; another may be about to write it.
    await writeFile(join(file, '..', 'lock.0a.partial'), '');
    const hourAgo = new Date(Date.now() - 3_600_000);
    await utimes(join(file, '..', 'lock.0a.partial'), hourAgo, hourAgo);
    await writeFile(join(file, '..', 'lock.0b.partial'), '');
    await RunLock.acquire(file);
    expect((await readdir(join(file, '..'))).sort()).toEqual([
      'config.json',
      'lock',
      'lock.0b.partial',
      'lock.13.partial',
    ]);
  });

  it('does not release the lock of another process if a user removed its own', async () => {
    const file = await lockFile();
    const lock = await RunLock.acquire(file);
    await rm(file);
    await RunLock.acquire(file);
    await lock.release();
    expect(await readdir(join(file, '..'))).toEqual(['lock']);
  });

  it('respects the lock of another machine, whose processes are invisible', async () => {
    const file = await lockFile();
    await writeFile(
      file,
      JSON.stringify({ pid: await endedProcess(), host: 'elsewhere', started: null }),
    );
    await expect(RunLock.acquire(file)).rejects.toThrow(/Process \d+ on elsewhere .*remove .*lock/);
  });
});
