import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fakeMlflow, reachableFrom, samplePhotos, temporaryFolder } from '@fixres/testing';
import type { RunEvent } from '@fixres/runs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { evaluate, finetune, plan, predict, reproduce, train } from '../src/index.ts';

const tiny = { dataset: samplePhotos, engine: 'wasm', batchSize: 8 } as const;
const photo = join(samplePhotos, 'tools', 'wrench.png');

describe('the API', () => {
  it('trains, fine-tunes, evaluates and predicts from a folder of photos', async () => {
    const out = await temporaryFolder();
    const events: RunEvent[] = [];
    const notes: string[] = [];
    const mlflow = await fakeMlflow('secret');
    onTestFinished(mlflow.close);
    const small = await train({
      ...tiny,
      model: 'resnet14v2',
      width: 4,
      imageSize: 32,
      epochs: 1,
      out: join(out, 'small'),
      log: ['mlflow'],
      variables: { MLFLOW_TRACKING_URI: mlflow.uri, MLFLOW_TRACKING_TOKEN: 'secret' },
      onEvent: (event) => void events.push(event),
      onNote: (text) => void notes.push(text),
    });
    expect(small.folder).toBe(join(out, 'small'));
    expect(small.summary.arms.map(({ name, trainSize }) => [name, trainSize])).toEqual([
      ['trained', 32],
    ]);
    expect(events.map(({ n }) => n)).toEqual([...events.keys()]);
    expect([events[0]!.type, events.at(-1)!.type]).toEqual(['run-start', 'run-end']);
    expect(notes.some((text) => text.startsWith('Engine: '))).toBe(true);
    const { runs } = JSON.parse(await readFile(join(small.folder, 'mlflow.json'), 'utf8')) as {
      runs: Record<string, { id: string }>;
    };
    expect(mlflow.stored(runs['']!.id).info.status).toBe('FINISHED');

    const tuned = await finetune({
      ...tiny,
      model: small.folder,
      imageSize: 48,
      epochs: 1,
      out: join(out, 'tuned'),
    });
    const arms = tuned.summary.arms.map(({ name, freeze }) => [name, freeze]);
    expect(arms).toEqual([
      ['given', 'classifier'],
      ['finetuned', 'classifier+last-bn'],
    ]);

    const { evaluations, images } = await evaluate({
      ...tiny,
      model: tuned.folder,
      arm: 'finetuned',
      sizes: [32, 48],
    });
    expect(evaluations.map(({ size }) => size)).toEqual([32, 48]);
    const own = tuned.summary.arms[1]!;
    const { correct, total } = own.evaluations[own.ownEvaluation]!;
    // Same images, policy and weights, so the same count.
    expect(images.count).toBe(total);
    expect(evaluations[1]!.top1).toMatchObject({ correct, total });

    const missing = join(out, 'missing.jpg');
    const [first, second] = await predict({
      engine: 'wasm',
      model: tuned.folder,
      arm: 'finetuned',
      images: [photo, missing],
      top: 2,
    });
    expect(first).toMatchObject({ file: photo });
    const { probabilities, top } = first as { probabilities: number[]; top: unknown[] };
    expect(probabilities).toHaveLength(5);
    expect(probabilities.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    expect(top).toHaveLength(2);
    expect(second).toMatchObject({ file: missing, error: expect.any(String) as string });
  });

  it('runs the experiment, and stops it', async () => {
    const out = join(await temporaryFolder(), 'run');
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = reproduce({
      ...tiny,
      width: 4,
      small: 32,
      large: 48,
      epochs: 2,
      arms: 'small,fixres',
      out,
      signal: controller.signal,
      onEvent: ({ type }) => {
        if (type === 'epoch') controller.abort(reason);
      },
    });
    await expect(running).rejects.toBe(reason);
    expect(await readdir(out)).toContain('config.json');
    expect(await readdir(out)).not.toContain('summary.json');
    expect(await readdir(out)).not.toContain('lock');
  });

  it('plans a test resolution', async () => {
    const { trainSize, recommendation } = await plan({ dataset: samplePhotos, trainSize: 64 });
    expect(trainSize).toBe(64);
    expect(recommendation.imageSize).toBeGreaterThan(0);
  });

  it('throws typed errors, also for values that the command line itself refuses', async () => {
    await expect(train({ ...tiny, dataset: 'nowhere' })).rejects.toMatchObject({
      name: 'FixresDataError',
      code: 'not-found',
    });
    await expect(
      evaluate({ ...tiny, model: 'nowhere', search: true, sizes: [32] }),
    ).rejects.toMatchObject({ name: 'FixresRunnerError', code: 'bad-option' });
  });
});

it('loads no command line code', () => {
  const reached = reachableFrom(join(import.meta.dirname, '..', 'src', 'index.ts'));
  expect([...reached.packages].filter((name) => /commander|@clack|^open$/.test(name))).toEqual([]);
});
