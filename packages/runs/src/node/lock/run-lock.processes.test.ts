import { type ChildProcess, execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, it, onTestFinished } from 'vitest';

/** Many at once, and so often that some meet in the middle of succeeding a stale lock. */
const PROCESSES = 8;
const ROUNDS = 8;

/** Waits for the name of a lock, gets it however often it is refused, and says whether it was alone. */
const contender = `
import { closeSync, openSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunLock } from './node/lock/run-lock.js';

async function acquire(file) {
  for (;;) {
    try {
      return await RunLock.acquire(file);
    } catch (error) {
      if (error.code !== 'run-locked') throw error;
    }
  }
}

process.on('message', async (file) => {
  const lock = await acquire(file);
  let isAlone = true;
  try {
    closeSync(openSync(file.replace(/lock$/, 'inside'), 'wx'));
  } catch {
    isAlone = false;
  }
  await sleep(3);
  rmSync(file.replace(/lock$/, 'inside'), { force: true });
  await lock.release();
  process.send(isAlone);
});
process.send('ready');
`;

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fixres-lock-'));
  // Node 20 runs no TypeScript, and tests run from source.
  const sources = fileURLToPath(new URL('../../', import.meta.url));
  const files = ['errors.ts', 'node/lock/lock-owner.ts', 'node/lock/run-lock.ts'].map((name) =>
    join(sources, name),
  );
  const options = [
    '--ignoreConfig',
    '--noCheck',
    '--rewriteRelativeImportExtensions',
    '--module',
    'esnext',
    '--target',
    'es2022',
    '--rootDir',
    sources,
    '--outDir',
    folder,
  ];
  const tsc = join(
    dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
    'bin',
    'tsc',
  );
  await promisify(execFile)(process.execPath, [tsc, ...options, ...files]);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await writeFile(join(folder, 'contender.js'), contender);
  return () => rm(folder, { recursive: true, force: true });
});

it('admits one of many processes that find the lock of a dead process', async () => {
  const processes = Array.from({ length: PROCESSES }, () => fork(join(folder, 'contender.js')));
  onTestFinished(() => processes.forEach((one) => one.kill('SIGKILL')));
  await Promise.all(processes.map(says));
  for (let round = 0; round < ROUNDS; round++) {
    const place = join(folder, `round${round}`);
    await mkdir(place);
    const file = join(place, 'lock');
    // No process has this number; what a loss of power left names none at all.
    await writeFile(
      file,
      round % 4 === 0
        ? ''
        : JSON.stringify({ pid: 2 ** 30, host: hostname(), started: null, id: round }),
    );
    const answers = processes.map(says);
    for (const one of processes) one.send(file);
    expect(await Promise.all(answers)).toEqual(processes.map(() => true));
    expect(await readdir(place)).toEqual([]);
  }
});

/** What a process says next; one that breaks down says nothing, and its exit code is the answer. */
async function says(process: ChildProcess): Promise<unknown> {
  const heard = new AbortController();
  const { signal } = heard;
  try {
    const [answer] = (await Promise.race([
      once(process, 'message', { signal }),
      once(process, 'exit', { signal }),
    ])) as unknown[];
    return answer;
  } finally {
    heard.abort();
  }
}
