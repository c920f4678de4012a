import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resize } from '@fixres/data';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseEvents, type Summary } from '../events/events.ts';
import { noProgress } from '../checkpoints/training-progress.ts';
import { CheckpointFolder } from './checkpoints/checkpoint-folder.ts';
import { isFreeForRun, RunFolder } from './run-folder.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-run-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('RunFolder', () => {
  it('writes the configuration first, events when they happen, and predictions by name', async () => {
    const path = join(await temporaryFolder(), 'run');
    const folder = await RunFolder.create(path, { preset: 'quick' }, { node: 'v20' });
    folder.append({ type: 'warning', message: 'one' });
    folder.append({ type: 'run-end', seconds: 1 });
    expect(JSON.parse(await readFile(join(path, 'config.json'), 'utf8'))).toEqual({
      preset: 'quick',
    });
    const events = parseEvents(await readFile(join(path, 'events.jsonl'), 'utf8'));
    expect(events.map(({ n, type }) => [n, type])).toEqual([
      [0, 'warning'],
      [1, 'run-end'],
    ]);

    const predictions = {
      probabilities: Float32Array.of(0.25, 0.75, 1, 0),
      classes: 2,
      labels: Int32Array.of(1, 0),
      correct: Uint8Array.of(1, 1),
    };
    await folder.writePredictions('small', 0, resize(64), predictions, {
      ids: ['b/1.jpg', 'a/2.jpg'],
      classNames: ['a', 'b'],
    });
    const lines = (await readFile(join(path, 'predictions/small-seed0-resize@64.jsonl'), 'utf8'))
      .trim()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: 'b/1.jpg', label: 'b', probabilities: [0.25, 0.75] },
      { file: 'a/2.jpg', label: 'a', probabilities: [1, 0] },
    ]);
    expect(await readdir(path)).not.toContain('summary.json');
    await folder.close();
    expect(await readdir(path)).not.toContain('lock');
  });

  it('accepts a prepared folder, and no other folder with content', async () => {
    const path = await temporaryFolder();
    await writeFile(join(path, 'output.log'), 'Engine: …\n');
    await writeFile(join(path, 'experiment.json'), '{}');
    await (await RunFolder.create(path, {}, {})).close();
    expect(await readFile(join(path, 'output.log'), 'utf8')).toBe('Engine: …\n');
    await expect(RunFolder.create(path, {}, {})).rejects.toMatchObject({ code: 'run-exists' });
  });

  it('resumes a run that crashed in the middle of an event', async () => {
    const path = join(await temporaryFolder(), 'run');
    const first = await RunFolder.create(path, { preset: 'quick' }, {});
    first.append({ type: 'warning', message: 'one' });
    await expect(RunFolder.reopen(path)).rejects.toMatchObject({ code: 'run-locked' });
    await first.close();
    const log = join(path, 'events.jsonl');
    const whole = await readFile(log, 'utf8');
    // Half a line, a complete line without a line break, and temporary files.
    for (const rest of [
      '',
      '{"n":1,"ty',
      '{"n":1,"time":"2026-01-01T00:00:00.000Z","type":"run-interrupted"}',
    ]) {
      await writeFile(log, whole + rest);
      await writeFile(join(path, 'predictions', 'x.jsonl.1.partial'), 'half');
      const { folder, config, events } = await RunFolder.reopen(path);
      expect(config).toEqual({ preset: 'quick' });
      expect(events.map(({ n }) => n)).toEqual([0]);
      expect(await readdir(join(path, 'predictions'))).toEqual([]);
      expect(folder.append({ type: 'run-interrupted' }).n).toBe(1);
      await folder.close();
      expect(parseEvents(await readFile(log, 'utf8')).map(({ n, type }) => [n, type])).toEqual([
        [0, 'warning'],
        [1, 'run-interrupted'],
      ]);
    }
  });

  it('refuses to resume if there is nothing to resume', async () => {
    const path = join(await temporaryFolder(), 'run');
    await expect(RunFolder.reopen(path)).rejects.toMatchObject({
      code: 'bad-run',
      message: expect.stringContaining('its config.json cannot be read') as string,
    });
    const folder = await RunFolder.create(path, {}, {});
    await folder.writeSummary({} as Summary);
    await folder.close();
    await expect(RunFolder.reopen(path)).rejects.toThrow('is finished; there is nothing to resume');
  });

  it.each(['precious.txt', 'environment.json', 'config.json'])(
    'never writes to a folder with other content: %s',
    async (name) => {
      const path = await temporaryFolder();
      await writeFile(join(path, name), 'x');
      await expect(RunFolder.create(path, {}, {})).rejects.toMatchObject({ code: 'run-exists' });
      expect(await readdir(path)).toEqual([name]);
    },
  );

  it('accepts the folder of a run whose process was killed before the start', async () => {
    const path = await temporaryFolder();
    await writeFile(join(path, 'output.log'), '');
    for (const name of [
      'lock',
      'environment.json',
      'environment.json.12.partial',
      'config.json.12.partial',
      'lock.0a-1.partial',
    ]) {
      await writeFile(join(path, name), '');
      expect(isFreeForRun(await readdir(path))).toBe(true);
    }
    await (await RunFolder.create(path, { preset: 'quick' }, {})).close();
    const { folder, config } = await RunFolder.reopen(path);
    expect(config).toEqual({ preset: 'quick' });
    await folder.close();
  });

  it('resumes a run without its environment, as left by a crash in earlier versions', async () => {
    const path = join(await temporaryFolder(), 'run');
    await (await RunFolder.create(path, {}, { node: 'v20' })).close();
    for (const damage of [
      () => writeFile(join(path, 'environment.json'), '{"no'),
      () => rm(join(path, 'environment.json')),
    ]) {
      await damage();
      const { folder, environment } = await RunFolder.reopen(path);
      expect(environment).toBeUndefined();
      await folder.close();
    }
  });

  it('skips damaged lines of an event log, keeps a copy and reports it', async () => {
    const path = join(await temporaryFolder(), 'run');
    await (await RunFolder.create(path, {}, {})).close();
    const [first, last] = [0, 2].map((n) =>
      JSON.stringify({ n, time: '', type: 'warning', message: 'x' }),
    ) as [string, string];
    const log = join(path, 'events.jsonl');
    for (const [text, damaged, next] of [
      [`${first}\n\0\0\n${last}\n`, 'line 2 is', 3],
      [`${first}\n${last.slice(0, 9)}\n`, 'line 2 is', 1],
      [`null\n{}\n${last}\n{"n"`, '2 lines are', 3],
    ] as const) {
      await writeFile(log, text);
      const { folder, events, warnings } = await RunFolder.reopen(path);
      expect(events.map(({ n }) => n)).toEqual(
        parseEvents(await readFile(log, 'utf8')).map(({ n }) => n),
      );
      expect(warnings).toEqual([
        `The run's events.jsonl was damaged: ${damaged} left out and are not shown. The original file is kept as events.damaged.jsonl.`,
      ]);
      expect(await readFile(join(path, 'events.damaged.jsonl'), 'utf8')).toBe(text);
      expect(folder.append({ type: 'run-interrupted' }).n).toBe(next);
      await folder.close();
    }
  });

  it.each(['is deleted', 'is cut short'])(
    'warns if the event log %s, and reuses no number',
    async (how) => {
      const path = join(await temporaryFolder(), 'run');
      const folder = await RunFolder.create(path, {}, {});
      for (const message of ['one', 'two', 'three']) folder.append({ type: 'warning', message });
      const checkpoints = new CheckpointFolder(join(path, 'checkpoints'), {
        lastEvent: () => folder.lastEvent,
      });
      await checkpoints.save('small', 0, {
        progress: noProgress(),
        peakRssMb: 1,
        state: new Map(),
      });
      await folder.close();
      const log = join(path, 'events.jsonl');
      const lines = (await readFile(log, 'utf8')).split('\n');
      await (how === 'is deleted' ? rm(log) : writeFile(log, `${lines[0]}\n`));
      const { folder: again, warnings, saved } = await RunFolder.reopen(path);
      expect(saved).toEqual({ after: 2, again: [] });
      const last = how === 'is deleted' ? 'none' : '0';
      expect(warnings).toEqual([
        `events.jsonl of the run is missing or incomplete: the saved state is of event 2, the last event in the log is ${last}. Epochs in between are not shown.`,
      ]);
      expect(again.append({ type: 'run-interrupted' }).n).toBe(3);
      await again.close();
    },
  );

  it('writes nothing to a folder that was removed or taken by another process', async () => {
    const path = join(await temporaryFolder(), 'run');
    const folder = await RunFolder.create(path, {}, {});
    await folder.assertThere();
    await rm(path, { recursive: true });
    const gone = {
      code: 'run-gone',
      message: expect.stringMatching(
        /^Run folder ".*" was removed during the run, or another process took it\. .*; nothing more is written\.$/,
      ) as string,
    };
    await expect(folder.assertThere()).rejects.toMatchObject(gone);
    await expect(folder.writeReport('x')).rejects.toMatchObject(gone);
    await expect(readdir(path)).rejects.toThrow('ENOENT');
    const other = await RunFolder.create(path, {}, {});
    await expect(folder.writeSummary({} as Summary)).rejects.toMatchObject(gone);
    await folder.close();
    await other.assertThere();
    await other.close();
  });

  it('finishes the work of a run that was killed after its summary', async () => {
    const path = join(await temporaryFolder(), 'run');
    const folder = await RunFolder.create(path, {}, {});
    const checkpoints = new CheckpointFolder(join(path, 'checkpoints'), {
      lastEvent: () => folder.lastEvent,
    });
    const result = { seed: 0, trainSeconds: 2, peakRssMb: 3, curve: [], correct: new Map() };
    const weights = new Map([
      ['conv/kernel', { shape: [1], dtype: 'float32' as const, values: Float32Array.of(1) }],
    ]);
    await checkpoints.saveFinished('small', 0, {
      result,
      weights,
      best: { epoch: 1, value: 0.5, weights },
    });
    folder.append({ type: 'warning', message: 'one' });
    await folder.writeSummary({ seconds: 12.5 } as Summary);
    await folder.close();
    for (let again = 0; again < 2; again++) {
      await expect(RunFolder.reopen(path)).rejects.toThrow(
        'is finished; there is nothing to resume',
      );
      expect(parseEvents(await readFile(join(path, 'events.jsonl'), 'utf8'))).toMatchObject([
        { n: 0 },
        { n: 1, type: 'run-end', seconds: 12.5 },
      ]);
      expect(await readdir(join(path, 'checkpoints', 'small-seed0'))).toEqual(['best']);
      expect(await readdir(path)).not.toContain('lock');
    }
  });
});
