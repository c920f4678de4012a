import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type * as FileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { parseEvents, type Summary } from '../events/events.ts';
import type * as LockOwners from './lock/lock-owner.ts';
import { isFreeForRun, type ReopenedRun, RunFolder } from './run-folder.ts';

/** The writing process: the steps that it may still do before it is killed. */
const writer = vi.hoisted(() => ({
  pid: 2,
  steps: Infinity,
  gone: new Set([1]),
  onKilled: (): void => undefined,
}));

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof FileSystem>();
  const names = [
    'link',
    'mkdir',
    'open',
    'readdir',
    'readFile',
    'rename',
    'rm',
    'truncate',
    'writeFile',
  ] as const;
  const ofOne =
    (name: (typeof names)[number]) =>
    (...args: unknown[]) => {
      if (writer.steps-- > 0) return (real[name] as (...args: unknown[]) => unknown)(...args);
      writer.gone.add(writer.pid);
      writer.onKilled();
      return new Promise(() => undefined);
    };
  return { ...real, ...Object.fromEntries(names.map((name) => [name, ofOne(name)])) };
});
vi.mock('./lock/lock-owner.ts', async (load) => ({
  ...(await load<typeof LockOwners>()),
  ownLock: () => ({ pid: writer.pid, host: 'here', started: null }),
  lockOwnerState: ({ pid }: LockOwners.LockOwner) => (writer.gone.has(pid) ? 'gone' : 'living'),
}));

/** Runs work that is killed after some steps. @returns whether the work completed before */
async function killedAfter(steps: number, work: () => Promise<unknown>): Promise<boolean> {
  const killed = new Promise<void>((resolve) => (writer.onKilled = resolve));
  Object.assign(writer, { pid: writer.pid + 1, steps });
  const isDone = await Promise.race([work().then(() => true), killed.then(() => false)]);
  Object.assign(writer, { pid: writer.pid + 1, steps: Infinity });
  return isDone;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-run-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it('a run can be started again or resumed, wherever the process that created it was killed', async () => {
  const root = await temporaryFolder();
  let [begun, free] = [0, 0];
  for (let steps = 0; ; steps++) {
    const path = join(root, String(steps));
    const environment = { node: `v${steps}` };
    if (
      await killedAfter(steps, async () =>
        (await RunFolder.create(path, { preset: 'quick' }, environment)).close(),
      )
    )
      break;
    const names = steps === 0 ? [] : await readdir(path);
    if (names.includes('config.json')) {
      begun += 1;
      const run = await RunFolder.reopen(path);
      expect(run).toMatchObject({ config: { preset: 'quick' }, environment, events: [] });
      await run.folder.close();
    } else {
      free += 1;
      expect(isFreeForRun(names)).toBe(true);
      await expect(RunFolder.reopen(path)).rejects.toMatchObject({ code: 'bad-run' });
      await (await RunFolder.create(path, { preset: 'quick' }, environment)).close();
    }
    expect((await readdir(path)).sort()).toEqual([
      'checkpoints',
      'config.json',
      'environment.json',
      'events.jsonl',
      'models',
      'predictions',
    ]);
  }
  expect(begun).toBeGreaterThan(3);
  expect(free).toBeGreaterThan(8);
});

it('a run can be resumed or is finished, wherever the process that resumed it was killed', async () => {
  const root = await temporaryFolder();
  for (const isFinished of [false, true]) {
    for (let steps = 0; ; steps++) {
      const path = join(root, `${isFinished}${steps}`);
      const folder = await RunFolder.create(path, {}, {});
      if (isFinished) await folder.writeSummary({ seconds: 3 } as Summary);
      await folder.close();
      await writeFile(join(path, 'lock'), '{"pid":1,"host":"here","started":null}\n');
      await mkdir(join(path, 'checkpoints', 'small-seed0', 'finished'), { recursive: true });
      const isDone = await killedAfter(steps, async () => (await reopened(path))?.folder.close());
      const run = await reopened(path);
      expect(run === undefined).toBe(isFinished);
      await run?.folder.close();
      expect((await readdir(path)).filter((name) => /^lock|partial$/.test(name))).toEqual([]);
      if (isFinished) {
        expect(parseEvents(await readFile(join(path, 'events.jsonl'), 'utf8'))).toMatchObject([
          { n: 0, type: 'run-end', seconds: 3 },
        ]);
        expect(await readdir(join(path, 'checkpoints', 'small-seed0'))).toEqual([]);
      }
      if (isDone) break;
    }
  }
});

/** Undefined for a finished run. */
async function reopened(path: string): Promise<ReopenedRun | undefined> {
  try {
    return await RunFolder.reopen(path);
  } catch (error) {
    expect(error).toMatchObject({
      code: 'bad-run',
      message: expect.stringContaining('is finished; there is nothing to resume') as string,
    });
    return undefined;
  }
}
