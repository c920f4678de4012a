import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { EventFile } from './event-file.ts';
import { TensorBoardLog } from './tensor-board-log.ts';

it('puts the end of an arm that ends within an epoch where it ended', async () => {
  const run = await mkdtemp(join(tmpdir(), 'fixres-board-'));
  onTestFinished(() => rm(run, { recursive: true, force: true }));
  const write = vi.spyOn(EventFile.prototype, 'write');
  onTestFinished(() => write.mockRestore());
  const log = new TensorBoardLog(join(run, 'tensorboard'));
  log.onEvent({
    n: 0,
    time: '',
    type: 'arm-start',
    arm: 'small',
    seed: 0,
    epochs: 2,
    stepsPerEpoch: 4,
    steps: 6,
    trainableParameters: 9,
  });
  for (const epoch of [0, 1]) {
    log.onEvent({
      n: 1,
      time: '',
      type: 'epoch',
      arm: 'small',
      seed: 0,
      epoch,
      loss: 1,
      accuracy: 1,
      heldOutAccuracy: 1,
      seconds: 1,
      imagesPerSecond: 1,
      tensors: 1,
    });
  }
  log.close();
  expect(write.mock.calls.map(([step]) => step).slice(-2)).toEqual([4, 6]);
});

it('names files so that TensorBoard reads them in the order in which they were begun, within a second and whatever the clock says', async () => {
  const run = await mkdtemp(join(tmpdir(), 'fixres-board-'));
  onTestFinished(() => rm(run, { recursive: true, force: true }));
  const names: string[] = [];
  const folder = join(run, 'tensorboard', 'small-seed0');
  for (let session = 0; session < 3; session++) {
    const log = new TensorBoardLog(join(run, 'tensorboard'));
    log.onEvent({
      n: 0,
      time: '',
      type: 'arm-start',
      arm: 'small',
      seed: 0,
      epochs: 3,
      stepsPerEpoch: 4,
      trainableParameters: 9,
      from: { epoch: 0, step: session },
    });
    log.close();
    names.push(...(await readdir(folder)).filter((name) => !names.includes(name)));
    // Of a machine whose clock is ahead.
    if (session === 0) names.push('events.out.tfevents.4000000000.elsewhere.1.1');
    if (session === 0) await writeFile(join(folder, names.at(-1)!), '');
  }
  expect(names).toHaveLength(4);
  expect((await readdir(folder)).sort()).toEqual(names);
});
