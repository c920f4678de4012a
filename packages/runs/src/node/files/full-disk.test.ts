import type * as SyncFileSystem from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import type * as FileSystem from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  parseEvents,
  type RunEvent,
  type RunEventInput,
  type Summary,
} from '../../events/events.ts';
import { csvLog } from '../logs/csv-log.ts';
import { TensorBoardLog } from '../logs/tensorboard/tensor-board-log.ts';
import { RunFolder } from '../run-folder.ts';

/** The space left on the disk, in bytes. */
const disk = vi.hoisted(() => {
  const full = (): Error =>
    Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      errno: -28,
      syscall: 'write',
    });
  return {
    room: Infinity,
    /**
     * Writes as much as there is space for, and refuses the rest. @returns the number of bytes
     * written
     */
    take(bytes: number): number {
      const taken = Math.min(bytes, this.room);
      this.room -= taken;
      if (taken === 0 && bytes > 0) throw full();
      return taken;
    },
    full,
  };
});

vi.mock('node:fs/promises', async (load) => {
  const real = await load<typeof FileSystem>();
  const writeFile = async (file: string, data: string, options: object): Promise<void> => {
    const bytes = Buffer.from(data);
    const taken = bytes.length <= disk.room ? disk.take(bytes.length) : disk.room;
    // The beginning stays in the file, as on a real disk.
    await real.writeFile(file, bytes.subarray(0, taken), options);
    if (taken === bytes.length) return;
    disk.room = 0;
    throw disk.full();
  };
  return { ...real, writeFile };
});
vi.mock('node:fs', async (load) => {
  const real = await load<typeof SyncFileSystem>();
  return {
    ...real,
    writeSync: (file: number, bytes: Uint8Array, from = 0) =>
      real.writeSync(file, bytes, from, disk.take(bytes.length - from)),
    writeFileSync: (file: string, text: string) => {
      const taken = Math.min(Buffer.byteLength(text), disk.room);
      real.writeFileSync(file, Buffer.from(text).subarray(0, taken));
      disk.room -= taken;
      if (taken < Buffer.byteLength(text)) throw disk.full();
    },
  };
});

const fullOf = (
  what: string,
  advice = 'Earlier checkpoints are intact: make room, then run "fixres resume".',
): object => ({
  code: 'write-failed',
  message: expect.stringMatching(
    new RegExp(
      `^Run folder ".*" cannot be written: no space is left on the disk \\(${what}\\)\\. ${advice}$`,
    ),
  ) as string,
});

let path: string;

beforeEach(async () => {
  disk.room = Infinity;
  const folder = await mkdtemp(join(tmpdir(), 'fixres-full-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  path = join(folder, 'run');
});

const time = '2026-01-01T00:00:00.000Z';
const epoch: RunEventInput = {
  type: 'epoch',
  arm: 'small',
  seed: 0,
  epoch: 0,
  loss: 1.5,
  accuracy: 0.5,
  heldOutAccuracy: 0.25,
  seconds: 2,
  imagesPerSecond: 100,
  tensors: 9,
};
const armStart: RunEventInput = {
  type: 'arm-start',
  arm: 'small',
  seed: 0,
  epochs: 3,
  stepsPerEpoch: 4,
  trainableParameters: 9,
};
const eventOf = (n: number, input: RunEventInput): RunEvent => ({ n, time, ...input });

describe('on a full disk', () => {
  it.each([
    [0, 'lock'],
    [200, 'environment.json'],
    [1300, 'config.json'],
  ])(
    'with %d bytes of space, a run fails to start while it writes %s, and starts when there is space',
    async (room, what) => {
      const environment = { node: 'v'.repeat(1000) };
      disk.room = room;
      await expect(
        RunFolder.create(path, { preset: 'q'.repeat(500) }, environment),
      ).rejects.toMatchObject(
        fullOf(what, 'The run has not started: make room, then start it again.'),
      );
      expect(await readdir(path)).toEqual([]);
      disk.room = Infinity;
      await (await RunFolder.create(path, {}, environment)).close();
    },
  );

  it('a run cannot be resumed until there is space', async () => {
    await (await RunFolder.create(path, {}, {})).close();
    const before = await readdir(path);
    disk.room = 20;
    await expect(RunFolder.reopen(path)).rejects.toMatchObject(fullOf('lock'));
    expect(await readdir(path)).toEqual(before);
    disk.room = Infinity;
    await (await RunFolder.reopen(path)).folder.close();
  });

  it('the event log, the table and the event files contain only complete records', async () => {
    const folder = await RunFolder.create(path, {}, {});
    const table = csvLog(join(path, 'epochs.csv'), []);
    const board = new TensorBoardLog(join(path, 'tensorboard'));
    board.onEvent(eventOf(0, armStart));
    folder.append(epoch);
    const [boardFile] = await readdir(join(path, 'tensorboard', 'small-seed0'));
    const files = ['events.jsonl', 'epochs.csv', join('tensorboard', 'small-seed0', boardFile!)];
    const contents = (): Promise<Buffer[]> =>
      Promise.all(files.map((name) => readFile(join(path, name))));
    const before = await contents();
    const inFew = [
      'events\\.jsonl',
      'epochs\\.csv',
      'tensorboard/small-seed0/events\\.out\\.tfevents\\..*',
    ];
    const writes = [
      () => folder.append(epoch),
      () => table.onEvent(eventOf(1, epoch)),
      () => board.onEvent(eventOf(1, epoch)),
    ];
    for (const [i, write] of writes.entries()) {
      disk.room = 15;
      expect(write).toThrow(expect.objectContaining(fullOf(inFew[i]!)) as Error);
      expect(await contents()).toEqual(before);
    }
    disk.room = Infinity;
    for (const write of writes) write();
    expect(
      parseEvents(await readFile(join(path, 'events.jsonl'), 'utf8')).map(({ n }) => n),
    ).toEqual([0, 1]);
    expect(await readFile(join(path, 'epochs.csv'), 'utf8')).toMatch(
      /^arm,.*\nsmall,0,1,1\.5,.*\n$/,
    );

    // A new table replaces the old one only when it is complete.
    const [, old] = await contents();
    disk.room = 30;
    expect(() => csvLog(join(path, 'epochs.csv'), [])).toThrow(
      expect.objectContaining(fullOf('epochs\\.csv')) as Error,
    );
    expect((await contents())[1]).toEqual(old);
    disk.room = 0;
    expect(() =>
      new TensorBoardLog(join(path, 'tensorboard')).onEvent(eventOf(2, armStart)),
    ).toThrow(expect.objectContaining(fullOf(inFew[2]!)) as Error);
    expect((await readdir(path)).filter((name) => name.endsWith('.partial'))).toEqual([]);
    await table.close?.();
    board.close();
    await folder.close();
  });

  it('report and summary are never partial', async () => {
    const folder = await RunFolder.create(path, {}, {});
    const before = await readdir(path);
    disk.room = 5;
    await expect(folder.writeReport('<html>…')).rejects.toMatchObject(fullOf('report\\.html'));
    disk.room = 9;
    await expect(folder.writeSummary({ seconds: 1 } as Summary)).rejects.toMatchObject(
      fullOf('summary\\.json'),
    );
    expect(await readdir(path)).toEqual(before);
    await folder.close();
  });
});

it('errors that are not about the disk are passed on', async () => {
  const folder = await RunFolder.create(path, {}, {});
  await expect(folder.writeSummary({ seconds: 1n } as unknown as Summary)).rejects.toThrow(
    TypeError,
  );
  await folder.close();
});
