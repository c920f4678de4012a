import { expect, it } from 'vitest';
import { Turns } from './turns.ts';

it('Turns gives each long task a slice in turn, one at a time', async () => {
  const turns = new Turns();
  const order: string[] = [];
  let now = 0;
  const work = async (name: string, slices: number): Promise<void> => {
    await turns.take();
    for (let slice = 0; slice < slices; slice++) {
      if (slice > 0) await turns.pass();
      expect(++now).toBe(1);
      await new Promise((done) => setTimeout(done, 1));
      order.push(name);
      now--;
    }
    turns.give();
  };
  await Promise.all([work('a', 3), work('b', 1), work('c', 3)]);
  expect([order.slice(0, 3), order.length]).toEqual([['a', 'b', 'c'], 7]);
  // The last two continue in turns.
  expect(order.slice(3).every((name, i, rest) => i === 0 || name !== rest[i - 1])).toBe(true);
  await turns.take();
  turns.give();
});
