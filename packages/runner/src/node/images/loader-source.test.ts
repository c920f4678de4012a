import { resize, type Sampler, sampledOrder } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import { expect, it } from 'vitest';
import { loaderSource } from './loader-source.ts';

const examples = Array.from({ length: 10 }, (_, label) => ({ id: `${label}`, label })) as Example[];
const pass = { policy: resize(8), batchSize: 4, seed: 1, epoch: 2, shuffle: true };

it('repeats views of images, and several processes together see what one does', () => {
  const orders: number[][] = [];
  const loader = {
    batches: (all: readonly Example[], { sampler }: { sampler: Sampler }) => {
      orders.push([...sampledOrder(sampler, all.length, pass).indices]);
      return [];
    },
  } as unknown as ImageLoader;
  const source = loaderSource(loader, examples);
  const sampling = { repeatedAugmentation: 2 };
  source.batches({ ...pass, sampling });
  const [one] = orders;
  expect(one).toEqual([...source.access!.order({ ...pass, sampling })]);
  expect(one!.length).toBe(10);
  expect(new Set(one).size).toBe(5);
  expect(one!.every((index, i) => index === one![i - (i % 2)])).toBe(true);

  for (const rank of [0, 1]) source.batches({ ...pass, sampling, share: { rank, ranks: 2 } });
  const [first, second] = orders.slice(1);
  expect(first!.flatMap((index, i) => [index, second![i]])).toEqual(one);
  // A pass in order visits every image once.
  source.batches({ ...pass, sampling, shuffle: false });
  expect(orders.at(-1)).toEqual(examples.map(({ label }) => label));
});
