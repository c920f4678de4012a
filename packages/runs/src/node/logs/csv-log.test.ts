import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { RunEvent } from '../../events/events.ts';
import { csvLog } from './csv-log.ts';

const time = '2026-01-01T00:00:00.000Z';
const epoch = (n: number, index: number, loss: number): RunEvent => ({
  ...{
    n,
    time,
    type: 'epoch',
    arm: 'small',
    seed: 0,
    epoch: index,
    loss,
    accuracy: 0.5,
    heldOutAccuracy: 0.25,
    seconds: 2,
    imagesPerSecond: 100,
    tensors: 9,
  },
});

it('csvLog writes a line per epoch, and removes those of lost work', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-csv-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'epochs.csv');
  const engine = { name: 'cpu', device: 'cpu', reason: '', versions: {} };
  const first = csvLog(file, []);
  first.onEvent(epoch(1, 0, 1.5));
  first.onEvent(epoch(2, 1, 1.25));
  const resumed = csvLog(file, [
    epoch(1, 0, 1.5),
    epoch(2, 1, 1.25),
    { n: 3, time, type: 'run-resumed', engine, after: 1 },
  ]);
  resumed.onEvent(epoch(4, 1, 1.125));
  expect(await readFile(file, 'utf8')).toBe(
    'arm,seed,epoch,loss,accuracy,held_out_accuracy,seconds,images_per_second\n' +
      'small,0,1,1.5,0.5,0.25,2,100\nsmall,0,2,1.125,0.5,0.25,2,100\n',
  );
});
