import { expect, it } from 'vitest';
import { SharedBudget } from './shared-budget.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

it('never exceeds the limit, and serves every waiter', async () => {
  const used = new SharedArrayBuffer(4);
  // Two budgets on the same memory, as in two threads.
  const budgets = [new SharedBudget(used, 10 * 1024), new SharedBudget(used, 10 * 1024)];
  let held = 0;
  let most = 0;
  const amounts = Array.from({ length: 40 }, (_, i) => 1 + ((i * 7) % 10));
  const results = await Promise.all(
    amounts.map((amount, i) =>
      budgets[i % 2]!.hold(amount * 1024, async () => {
        held += amount;
        most = Math.max(most, held);
        await pause(1);
        held -= amount;
        return amount;
      }),
    ),
  );
  expect(results).toEqual(amounts);
  expect(most).toBe(10);
  expect(new Int32Array(used)[0]).toBe(0);
});

it('runs an amount above the limit alone, and releases it after a failure', async () => {
  const budget = new SharedBudget(new SharedArrayBuffer(4), 4096);
  let others = 0;
  const small = budget.hold(1, async () => {
    others += 1;
    await pause(5);
    others -= 1;
  });
  const failing = budget.hold(Infinity, () => Promise.reject(new Error(`beside ${others} others`)));
  await expect(failing).rejects.toThrow('beside 0 others');
  await small;
  expect(await budget.hold(4096, () => Promise.resolve('free again'))).toBe('free again');
});
