import { expect, it } from 'vitest';
import { processVariables } from './process-variables.ts';

const ports = [4001, 4002, 4003];
const task = (index: number): object => ({
  cluster: { worker: ['127.0.0.1:4001', '127.0.0.1:4002', '127.0.0.1:4003'] },
  task: { type: 'worker', index },
});

it('divides the cores, and tells each process its place', () => {
  const { TF_CONFIG, ...others } = processVariables(
    2,
    { ports, cores: 8, cards: [] },
    { PATH: '/bin', CUDA_VISIBLE_DEVICES: '' },
  );
  expect(JSON.parse(TF_CONFIG!)).toEqual(task(2));
  // Without cards, the user's choice stays.
  expect(others).toEqual({ TF_NUM_INTRAOP_THREADS: '2', PATH: '/bin', CUDA_VISIBLE_DEVICES: '' });
});

it('gives each process a card of its own, at least one thread, and keeps a number of threads that is set', () => {
  const cards = ['3', 'GPU-5a', '7'];
  for (const [rank, card] of cards.entries())
    expect(processVariables(rank, { ports, cores: 2, cards }, {})).toMatchObject({
      TF_NUM_INTRAOP_THREADS: '1',
      CUDA_VISIBLE_DEVICES: card,
    });
  expect(
    processVariables(0, { ports, cores: 8, cards }, { TF_NUM_INTRAOP_THREADS: '5' }),
  ).toMatchObject({ TF_NUM_INTRAOP_THREADS: '5' });
});
