import { resize, type Sampler, sampledOrder } from '@fixres/data';
import type { Example, ImageLoader } from '@fixres/data/node';
import { expect, it } from 'vitest';
import type { ImageSource } from '../../images/image-source.ts';
import { loaderSource } from './loader-source.ts';

const examples = Array.from({ length: 10 }, (_, label) => ({ id: `${label}`, label })) as Example[];
const pass = { policy: resize(8), batchSize: 4, seed: 1, epoch: 2, shuffle: true };

/** A source that notes the order of each pass. */
function noting(all: readonly Example[]): { orders: number[][]; source: ImageSource } {
  const orders: number[][] = [];
  const loader = {
    batches: (_: unknown, { sampler }: { sampler: Sampler }) => {
      orders.push([...sampledOrder(sampler, all.length, pass).indices]);
      return [];
    },
  } as unknown as ImageLoader;
  return { orders, source: loaderSource(loader, all) };
}

it('repeats views of images, and several processes together see what one does', () => {
  const { orders, source } = noting(examples);
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

it('shares a class-balanced pass among processes', () => {
  const rare = examples.map((example, i) => ({ ...example, label: i < 8 ? 0 : 1 }));
  const { orders, source } = noting(rare);
  const sampling = 'class-balanced';
  source.batches({ ...pass, sampling });
  for (const rank of [0, 1]) source.batches({ ...pass, sampling, share: { rank, ranks: 2 } });
  const [one, first, second] = orders;
  expect(one!.filter((index) => rare[index]!.label === 1)).toHaveLength(5);
  expect(first!.flatMap((index, i) => [index, second![i]])).toEqual(one);
});
