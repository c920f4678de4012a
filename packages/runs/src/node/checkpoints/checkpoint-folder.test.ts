import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ArmCheckpoint } from '../../checkpoints/checkpoint-store.ts';
import { type RunEvent, settledEvents } from '../../events/events.ts';
import type { StateArrays } from '../../checkpoints/state-arrays.ts';
import { noProgress } from '../../checkpoints/training-progress.ts';
import { CheckpointFolder } from './checkpoint-folder.ts';
import { decodeSafetensors } from './safetensors.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-checkpoint-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const arrays = (value: number): StateArrays =>
  new Map([
    ['conv/kernel', { shape: [2, 2], dtype: 'float32', values: Float32Array.of(value, 0, 1, 2) }],
  ]);
const checkpoint = (step: number, rest: Partial<ArmCheckpoint> = {}): ArmCheckpoint => ({
  progress: { ...noProgress(), step, lossSum: 0.1 + 0.2 },
  peakRssMb: 5,
  state: arrays(step),
  ...rest,
});

describe('CheckpointFolder', () => {
  it('loads the latest checkpoint exactly, and keeps the requested number', async () => {
    const path = await temporaryFolder();
    const folder = new CheckpointFolder(path, { keep: 2, lastEvent: () => 7 });
    expect(await folder.load('small', 0)).toBeUndefined();
    expect(await folder.survey([])).toEqual({ after: -1, again: [] });
    for (const step of [1, 2, 3])
      await folder.save('small', 0, checkpoint(step, { best: arrays(-step) }));
    expect(await readdir(join(path, 'small-seed0'))).toEqual(['00000002', '00000003']);
    expect(await folder.load('small', 0)).toEqual(checkpoint(3, { best: arrays(-3) }));
    expect(await folder.load('small', 1)).toBeUndefined();
    expect(await folder.survey([])).toEqual({ after: 7, again: [] });
    // The standard tool accepts the checksums.
    execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], {
      cwd: join(path, 'small-seed0', '00000003'),
    });
  });

  it.each([0, 2])(
    'does not create a run folder again that is removed during a write, with a lock that disappears %d checks later',
    async (later) => {
      const run = join(await temporaryFolder(), 'run');
      const path = join(run, 'checkpoints');
      await mkdir(path, { recursive: true });
      const gone = new Error('The run folder was removed.');
      let checks = 0;
      const beforeWriting = async (): Promise<void> => {
        checks += 1;
        if (checks === 1) await rm(run, { recursive: true });
        else if (checks > 1 + later) throw gone;
      };
      const folder = new CheckpointFolder(path, { lastEvent: () => 0, beforeWriting });
      await expect(folder.save('small', 0, checkpoint(1))).rejects.toBe(gone);
      expect(existsSync(run)).toBe(false);
    },
  );

  describe('with frozen weights', () => {
    const frozen = new Set(['stem/kernel']);
    const stem = (value: number): StateArrays =>
      new Map([
        ['stem/kernel', { shape: [3], dtype: 'float32', values: Float32Array.of(value, 5, 6) }],
      ]);
    /** A checkpoint whose frozen weights have this value, in other arrays each time. */
    const tuned = (step: number, value = 4): ArmCheckpoint =>
      checkpoint(step, {
        state: new Map([...stem(value), ...arrays(step)]),
        best: new Map([...stem(value), ...arrays(-step)]),
      });
    const fileOf = (path: string, number: string): string =>
      join(path, 'small-seed0', number, 'frozen.safetensors');

    it('writes them once', async () => {
      const path = await temporaryFolder();
      const folder = new CheckpointFolder(path, { keep: 2, lastEvent: () => 7 });
      for (const step of [1, 2, 3]) await folder.save('small', 0, { ...tuned(step), frozen });
      expect(await folder.load('small', 0)).toEqual(tuned(3));
      const [second, third] = await Promise.all(
        ['00000002', '00000003'].map((number) => stat(fileOf(path, number))),
      );
      expect(third!.ino).toBe(second!.ino);
      const state = await readFile(join(path, 'small-seed0', '00000003', 'state.safetensors'));
      expect([...decodeSafetensors(state).keys()]).toEqual(['conv/kernel', 'best/conv/kernel']);
      execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], {
        cwd: join(path, 'small-seed0', '00000003'),
      });
    });

    it('writes them again where the last file is gone, and for each arm and each program', async () => {
      const path = await temporaryFolder();
      const folder = new CheckpointFolder(path, { lastEvent: () => 7 });
      await folder.save('small', 0, { ...tuned(1), frozen });
      await rm(fileOf(path, '00000001'));
      await folder.save('small', 0, { ...tuned(2), frozen });
      expect(await folder.load('small', 0)).toEqual(tuned(2));
      await folder.save('small', 1, { ...tuned(1, 40), frozen });
      expect(await folder.load('small', 1)).toEqual(tuned(1, 40));
      const later = new CheckpointFolder(path, { lastEvent: () => 8 });
      await later.save('small', 0, { ...tuned(3), frozen });
      expect(await later.load('small', 0)).toEqual(tuned(3));
      expect((await stat(fileOf(path, '00000003'))).nlink).toBe(1);
    });

    it('keeps a weight of the best epoch that differs, and checkpoints without a best epoch', async () => {
      const path = await temporaryFolder();
      const folder = new CheckpointFolder(path, { lastEvent: () => 7 });
      const other = { ...tuned(1), best: new Map([...stem(9), ...arrays(-1)]) };
      await folder.save('small', 0, { ...other, frozen });
      expect(await folder.load('small', 0)).toEqual(other);
      const none = { ...tuned(2), best: undefined };
      await folder.save('small', 0, { ...none, frozen });
      expect(await folder.load('small', 0)).toEqual(none);
    });

    it('ignores checkpoints whose file of frozen weights is damaged', async () => {
      const path = await temporaryFolder();
      const folder = new CheckpointFolder(path, { lastEvent: () => 7 });
      await folder.save('small', 0, { ...tuned(1), frozen });
      await writeFile(fileOf(path, '00000001'), flipped(await readFile(fileOf(path, '00000001'))));
      expect(await folder.load('small', 0)).toBeUndefined();
    });
  });

  const damages: [string, (folder: string) => Promise<unknown>][] = [
    ['truncated', (folder) => truncate(join(folder, 'state.safetensors'), 60)],
    [
      'changed in one bit',
      async (folder) =>
        writeFile(
          join(folder, 'state.safetensors'),
          flipped(await readFile(join(folder, 'state.safetensors'))),
        ),
    ],
    ['lacking its state', (folder) => rm(join(folder, 'state.json'))],
    ['lacking its checksums', (folder) => rm(join(folder, 'SHA256SUMS'))],
    ['left with empty checksums', (folder) => writeFile(join(folder, 'SHA256SUMS'), '')],
  ];

  it.each(damages)(
    'falls back to the previous checkpoint if the latest is %s',
    async (_, damage) => {
      const path = await temporaryFolder();
      const warnings: string[] = [];
      const folder = new CheckpointFolder(path, {
        lastEvent: () => 0,
        onWarning: (message) => warnings.push(message),
      });
      await folder.save('small', 0, checkpoint(1));
      await folder.save('small', 0, checkpoint(2));
      await damage(join(path, 'small-seed0', '00000002'));
      expect((await folder.load('small', 0))!.progress.step).toBe(1);
      expect(warnings).toEqual([
        expect.stringMatching(/^Checkpoint ".*00000002" is damaged; the previous one is used/),
      ]);
      // The damaged one is not overwritten, is not in the way, and does not count as kept.
      await folder.save('small', 0, checkpoint(3));
      expect((await folder.load('small', 0))!.progress.step).toBe(3);
      expect(await readdir(join(path, 'small-seed0'))).toEqual(['00000001', '00000003']);
    },
  );

  it('keeps the probabilities of a finished arm on multi-label images to the bit', async () => {
    const folder = new CheckpointFolder(await temporaryFolder(), { lastEvent: () => 1 });
    const result = {
      seed: 0,
      trainSeconds: 1,
      peakRssMb: 1,
      curve: [],
      correct: new Map([['resize@64', Uint8Array.of(1, 0)]]),
      metrics: new Map(),
      multiLabel: {
        targets: Uint8Array.of(1, 0, 1, 0, 0, 0),
        scores: new Map([['resize@64', Float32Array.of(0.1, 0.2, 1 / 3, 0.7, 1e-9, 1)]]),
        thresholds: [0.5, 0.25, 1 / 3],
      },
    };
    await folder.saveFinished('small', 0, { result, weights: undefined });
    expect((await folder.loadFinished('small', 0))?.result).toEqual(result);
  });

  it('keeps a checkpoint that cannot be read', async () => {
    const path = await temporaryFolder();
    const folder = new CheckpointFolder(path, { lastEvent: () => 0 });
    await folder.save('small', 0, checkpoint(1));
    // Even a user who may read everything cannot read a folder as a file.
    const state = join(path, 'small-seed0', '00000001', 'state.safetensors');
    await rm(state);
    await mkdir(state);
    await expect(folder.load('small', 0)).rejects.toMatchObject({
      code: 'read-failed',
      message: expect.stringMatching(
        /^Run folder ".*" cannot be read: EISDIR.* \(checkpoint\)\. Nothing was changed: /,
      ) as string,
    });
    await expect(folder.survey([])).rejects.toMatchObject({ code: 'read-failed' });
  });

  it('reports arms whose saved state is older than their events', async () => {
    const path = await temporaryFolder();
    let n = 0;
    const folder = new CheckpointFolder(path, { lastEvent: () => n - 1 });
    const events: RunEvent[] = [];
    const addEpoch = (arm: string, epoch: number): void => {
      events.push({ n: n++, time: '', type: 'epoch', arm, seed: 0, epoch } as RunEvent);
    };
    const finish = (): Promise<void> =>
      folder.saveFinished('small', 0, {
        result: { seed: 0, trainSeconds: 2, peakRssMb: 3, curve: [], correct: new Map() },
        weights: arrays(1),
      });
    addEpoch('small', 0);
    addEpoch('small', 1);
    await finish();
    // After the saved state, but nothing is lost.
    addEpoch('small', 2);
    addEpoch('large', 0);
    await folder.save('large', 0, checkpoint(1));
    addEpoch('large', 1);
    expect(await folder.survey(events)).toEqual({ after: 3, again: [] });
    await truncate(join(path, 'small-seed0', 'finished', 'weights.safetensors'), 5);
    const survey = await folder.survey(events);
    expect(survey).toEqual({ after: 3, again: [{ arm: 'small', seed: 0, after: -1 }] });
    events.push({ n: n++, time: '', type: 'run-resumed', engine: {} as never, ...survey });
    expect(settledEvents(events).map((event) => event.n)).toEqual([3, 5]);
    // The arm is repeated and interrupted again: its new events stay valid.
    addEpoch('small', 0);
    await folder.save('small', 0, checkpoint(2));
    addEpoch('small', 1);
    const later = await folder.survey(events);
    expect(later).toEqual({ after: 6, again: [] });
    events.push({ n: n++, time: '', type: 'run-resumed', engine: {} as never, ...later });
    expect(settledEvents(events).map((event) => event.n)).toEqual([3, 5, 6, 8]);
  });

  it('writes nothing if beforeWriting throws', async () => {
    const path = await temporaryFolder();
    const folder = new CheckpointFolder(path, {
      lastEvent: () => 0,
      beforeWriting: () => Promise.reject(new Error('gone')),
    });
    await expect(folder.save('small', 0, checkpoint(1))).rejects.toThrow('gone');
    expect(await readdir(path)).toEqual([]);
  });

  it('replaces the checkpoints of a finished arm, and keeps only the best weights after the run', async () => {
    const path = await temporaryFolder();
    const folder = new CheckpointFolder(path, { lastEvent: () => 0 });
    const result = {
      seed: 0,
      trainSeconds: 2,
      peakRssMb: 3,
      curve: [],
      correct: new Map([['resize@32', Uint8Array.of(1, 0, 1)]]),
    };
    await folder.save('small', 0, checkpoint(1));
    await folder.saveFinished('small', 0, {
      result,
      weights: arrays(4),
      best: { epoch: 1, value: 0.5, weights: arrays(5) },
    });
    expect(await readdir(join(path, 'small-seed0'))).toEqual(['best', 'finished']);
    expect(await folder.loadFinished('small', 0)).toEqual({ result, weights: arrays(4) });
    await folder.clean();
    expect(await readdir(join(path, 'small-seed0'))).toEqual(['best']);
    expect(
      JSON.parse(await readFile(join(path, 'small-seed0', 'best', 'best.json'), 'utf8')),
    ).toEqual({ epoch: 1, value: 0.5 });
  });

  it('reports what cannot be written, and keeps the previous content', async () => {
    const path = await temporaryFolder();
    const folder = new CheckpointFolder(join(path, 'checkpoints'), { lastEvent: () => 0 });
    await folder.save('small', 0, checkpoint(1));
    // A file in place of the temporary folder.
    await writeFile(join(path, 'checkpoints', 'tuned-seed0'), '');
    await expect(folder.save('tuned', 0, checkpoint(2))).rejects.toMatchObject({
      code: 'write-failed',
      message: expect.stringMatching(
        /^Run folder ".*" cannot be written: .*ENOTDIR.*Earlier checkpoints are intact/,
      ) as string,
    });
    expect((await folder.load('small', 0))!.progress.step).toBe(1);
  });
});

function flipped(bytes: Buffer): Buffer {
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
}
