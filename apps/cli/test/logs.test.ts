import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEvents, settledEvents } from '@fixres/runs';
import { fakeMlflow } from '@fixres/testing';
import { expect, it, onTestFinished } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';
import { readBoardLine } from './tensorboard-reader.ts';
import { tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';
import { whenSaid } from './when-said.ts';

const EPOCHS = 2;
const STEPS = 3;

it('every epoch is once in the table and every step once in the charts, however the run was interrupted', async () => {
  const folder = await temporaryFolder();
  await writeTinyPhotos(folder);
  const file = await writeExperiment(folder, 'experiment', {
    ...tinyExperiment,
    logs: ['tensorboard', 'csv', 'mlflow'],
    checkpoint: { everySeconds: 0.02 },
  });
  const out = join(folder, 'run');
  const mlflow = await fakeMlflow('secret');
  onTestFinished(mlflow.close);
  const env = { MLFLOW_TRACKING_URI: mlflow.uri, MLFLOW_TRACKING_TOKEN: 'secret' };
  const table = join(out, 'epochs.csv');
  // After an epoch, in the middle of one, in another arm; killed and interrupted.
  const breaks = [
    ['"type":"epoch","arm":"base","seed":0,"epoch":0', 'SIGKILL'],
    ['"phase":"train","epochs":2,"epoch":1', 'SIGTERM'],
    ['"type":"epoch","arm":"tuned","seed":0,"epoch":0', 'SIGKILL'],
    ['"type":"arm-start","arm":"stats"', 'SIGINT'],
  ] as const;
  let args = ['run', file, '--out', out];
  for (const [words, signal] of breaks) {
    const { code } = await runCli([...args, '--quiet', '--ndjson'], {
      env,
      ownProcess: signal === 'SIGKILL',
      onStdout: whenSaid(words, signal),
    });
    expect(code).toBe(signal === 'SIGKILL' ? null : 130);
    args = ['resume', out];
    if (signal !== 'SIGKILL') continue;
    // As after a kill in the middle of a write.
    await appendFile(table, 'base,0,');
    for (const arm of await readdir(join(out, 'tensorboard'))) {
      const latest = join(
        out,
        'tensorboard',
        arm,
        (await readdir(join(out, 'tensorboard', arm))).sort().at(-1)!,
      );
      await appendFile(latest, (await readFile(latest)).subarray(0, 20));
    }
  }
  expect(await runCli([...args, '--quiet'], { env })).toMatchObject({ code: 0, stderr: '' });

  const epochs = settledEvents(
    parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')),
  ).filter((event) => event.type === 'epoch');
  const [header, ...lines] = (await readFile(table, 'utf8')).trimEnd().split('\n');
  expect(header).toBe('arm,seed,epoch,loss,accuracy,held_out_accuracy,seconds,images_per_second');
  const names = tinyExperiment.arms.map(({ name }) => name);
  expect(lines.map((line) => line.split(',').slice(0, 3).join())).toEqual(
    names.flatMap((name) => Array.from({ length: EPOCHS }, (_, i) => `${name},0,${i + 1}`)),
  );
  expect(lines).toEqual(
    epochs.map((e) =>
      [
        e.arm,
        e.seed,
        e.epoch + 1,
        e.loss,
        e.accuracy,
        e.heldOutAccuracy,
        e.seconds,
        e.imagesPerSecond,
      ].join(),
    ),
  );

  expect(mlflow.refused).toEqual([]);
  const { runs } = JSON.parse(await readFile(join(out, 'mlflow.json'), 'utf8')) as {
    runs: Record<string, { id: string }>;
  };
  expect(mlflow.stored(runs['']!.id).info.status).toBe('FINISHED');

  expect((await readdir(join(out, 'tensorboard'))).sort()).toEqual(
    names.map((name) => `${name}-seed0`).sort(),
  );
  for (const name of names) {
    const { scalars, histograms } = await readBoardLine(join(out, 'tensorboard', `${name}-seed0`));
    const ends = Array.from({ length: EPOCHS }, (_, i) => (i + 1) * STEPS);
    expect([...scalars.get('epoch/loss')!]).toEqual(
      epochs
        .filter(({ arm }) => arm === name)
        .map(({ epoch, loss }) => [(epoch + 1) * STEPS, Math.fround(loss)]),
    );
    expect([...scalars.get('epoch/held_out_accuracy')!.keys()]).toEqual(ends);
    expect([...scalars.get('train/learning_rate')!.keys()]).toEqual(
      Array.from({ length: EPOCHS * STEPS }, (_, i) => i + 1),
    );
    const { info, data } = mlflow.stored(runs[`${name}-seed0`]!.id);
    expect(info.status).toBe('FINISHED');
    const points = (key: string): unknown =>
      data.metrics.filter((each) => each.key === key).map(({ step, value }) => [step, value]);
    expect(points('epoch/loss')).toEqual(
      epochs.filter(({ arm }) => arm === name).map(({ loss }, i) => [ends[i], loss]),
    );
    expect((points('train/learning_rate') as number[][]).map(([step]) => step)).toEqual(
      Array.from({ length: EPOCHS * STEPS }, (_, i) => i + 1),
    );
    expect(histograms.size).toBeGreaterThan(20);
    for (const steps of histograms.values()) expect(steps).toEqual(ends);
  }
});
