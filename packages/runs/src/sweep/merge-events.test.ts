import { expect, it } from 'vitest';
import type { RunEvent } from '../events/events.ts';
import { settledEvents } from '../events/events.ts';
import { secondsOf } from '../events/run-clock.ts';
import { mergeEvents } from './merge-events.ts';

const engine = { name: 'wasm', device: 'cpu', reason: '', versions: {} };
const dataset = { name: 'd', classes: ['a'], train: 1, heldOut: 1, skipped: 0 };

/** Events with numbers, and times in seconds. */
function eventsOf(...events: [seconds: number, event: object][]): RunEvent[] {
  return events.map(
    ([seconds, event], n) =>
      ({ n, time: new Date(seconds * 1000).toISOString(), ...event }) as RunEvent,
  );
}

const start = { type: 'run-start', format: 1, engine, dataset, config: 'part' };
const epoch = (arm: string, seed: number, number: number): object => ({
  type: 'epoch',
  arm,
  seed,
  epoch: number,
});

const first = eventsOf(
  [100, start],
  [101, { type: 'warning', message: 'few images' }],
  [102, epoch('a', 0, 0)],
  [103, { type: 'checkpoint', arm: 'a', seed: 0, epoch: 1, step: 0, seconds: 0 }],
  // Lost: the run is resumed from the checkpoint.
  [104, epoch('a', 0, 1)],
  [150, { type: 'run-resumed', engine, after: 3 }],
  [152, epoch('a', 0, 1)],
  [153, { type: 'activations', arm: 'a', seed: 0 }],
  [154, { type: 'run-end', seconds: 8 }],
);
const second = eventsOf(
  // At the same time as the first.
  [101, start],
  [102, { type: 'warning', message: 'few images' }],
  [103, { type: 'run-interrupted' }],
  [120, { type: 'run-resumed', engine, after: -1 }],
  [121, epoch('a', 1, 0)],
  [122, { type: 'activations', arm: 'a', seed: 1 }],
  [123, { type: 'run-end', seconds: 5 }],
);

it('numbers the events of all trials, without lost work, ends, and what later seeds measure more', () => {
  const merged = mergeEvents([first, second], { config: 'whole', firstSeed: 0 });
  expect(merged.map(({ n }) => n)).toEqual(merged.map((_, i) => i));
  expect(
    merged.map((event) => [event.type, ...('epoch' in event ? [event.seed, event.epoch] : [])]),
  ).toEqual([
    ['run-start'],
    ['warning'],
    ['epoch', 0, 0],
    ['checkpoint', 0, 1],
    ['run-resumed'],
    ['epoch', 0, 1],
    ['activations'],
    ['run-resumed'],
    ['run-resumed'],
    ['epoch', 1, 0],
  ]);
  expect(merged[0]).toMatchObject({ config: 'whole', time: first[0]!.time });
  // Nothing of the merged log counts as lost.
  expect(settledEvents(merged)).toEqual(merged);
});

it('counts the time of every session, and none between them', () => {
  const merged = mergeEvents([first, second], { config: 'whole', firstSeed: 0 });
  // From start to checkpoint, from resumption to activations; of the second, without its pause.
  expect(secondsOf(merged)).toBe(3 + 3 + 1);
});
