import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import type * as FileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type * as LockOwners from './lock-owner.ts';
import { RunLock } from './run-lock.ts';

/** A process that wants the lock, or what stands for one here. */
interface Contender {
  pid: number;
  /** Steps after which it is killed. */
  steps: number;
  scheduler: fc.Scheduler;
  onKilled: () => void;
}

const current = vi.hoisted(() => ({
  contender: undefined as AsyncLocalStorage<Contender> | undefined,
  gone: new Set<number>(),
}));
current.contender = new AsyncLocalStorage();

/** Does one thing of whoever calls, when it is its turn: the schedule says who comes next. One that was killed does nothing any more. */
const inTurn = vi.hoisted(() => async <T>(work: () => Promise<T>): Promise<T> => {
  const me = current.contender?.getStore();
  if (me === undefined) return work();
  const turn = me.scheduler.scheduleFunction(async () => {
    if (me.steps-- > 0) return (await Promise.allSettled([work()]))[0];
    current.gone.add(me.pid);
    me.onKilled();
    return undefined;
  });
  const result = await turn();
  if (result === undefined) return new Promise(() => undefined);
  if (result.status === 'rejected') throw result.reason;
  return result.value;
});

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof FileSystem>();
  const names = ['link', 'readdir', 'readFile', 'rename', 'rm', 'writeFile'] as const;
  const ofOne =
    (name: (typeof names)[number]) =>
    (...args: unknown[]) =>
      inTurn(() => (real[name] as (...args: unknown[]) => Promise<unknown>)(...args));
  return { ...real, ...Object.fromEntries(names.map((name) => [name, ofOne(name)])) };
});
vi.mock('node:timers/promises', () => ({ setTimeout: () => inTurn(() => Promise.resolve()) }));
vi.mock('./lock-owner.ts', async (load) => ({
  ...(await load<typeof LockOwners>()),
  ownLock: () => ({ pid: current.contender?.getStore()?.pid, host: 'here', started: null }),
  lockOwnerState: ({ pid }: LockOwners.LockOwner) => (current.gone.has(pid) ? 'gone' : 'living'),
}));

const STALE = [undefined, '', '{"pid":1,"host":"here","started":null}\n'];

it('admits one process at a time, in any order and if any is killed, and never locks all out', async () => {
  const plan = fc.record({
    ending: fc.constantFrom('keeps', 'releases'),
    steps: fc.oneof({ weight: 2, arbitrary: fc.constant(Infinity) }, fc.nat(12)),
  });
  const plans = fc.array(plan, { minLength: 2, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom(...STALE),
      plans,
      async (scheduler, stale, plans) => {
        const folder = await mkdtemp(join(tmpdir(), 'fixres-lock-'));
        try {
          const file = join(folder, 'lock');
          current.gone = new Set([1]);
          if (stale !== undefined) await writeFile(file, stale);
          const holders = new Set<number>();
          const problems: unknown[] = [];
          const contend = (
            pid: number,
            { ending, steps }: { ending: string; steps: number },
          ): Promise<void> =>
            new Promise((resolve) => {
              const onKilled = (): void => {
                holders.delete(pid);
                resolve();
              };
              const work = async (): Promise<void> => {
                const lock = await RunLock.acquire(file);
                if (holders.size > 0) problems.push(`${pid} has it besides ${[...holders].join()}`);
                holders.add(pid);
                if (ending === 'keeps') return;
                await inTurn(() => Promise.resolve());
                // From here on others may have it.
                holders.delete(pid);
                await lock.release();
              };
              current
                .contender!.run({ pid, steps, scheduler, onKilled }, work)
                .then(resolve, (error: unknown) => {
                  if ((error as { code?: unknown }).code !== 'run-locked') problems.push(error);
                  resolve();
                });
            });
          await scheduler.waitFor(Promise.all(plans.map((plan, i) => contend(10 + i, plan))));
          expect(problems).toEqual([]);
          const late = current.contender!.run(
            { pid: 99, steps: Infinity, scheduler, onKilled: () => undefined },
            () => RunLock.acquire(file),
          );
          if (holders.size === 1) {
            expect(await scheduler.waitFor(late.catch((error: unknown) => error))).toMatchObject({
              code: 'run-locked',
            });
          } else {
            await scheduler.waitFor(late);
            expect(await readdir(folder)).toEqual(['lock']);
          }
        } finally {
          await rm(folder, { recursive: true });
        }
      },
    ),
    { numRuns: 200 },
  );
});
