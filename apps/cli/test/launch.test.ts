import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { useEngine } from '@fixres/engine';
import { batchNormalization } from '@fixres/models';
import { loadModelFolder, saveModelFolder } from '@fixres/models/node';
import { parseEvents, type RunEvent } from '@fixres/runs';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, it } from 'vitest';
import { coreShares, cpuNumbers } from '../src/launch/core-shares.ts';
import { commandEnv } from './command-env.ts';
import { fixres, runCli, suiteFolder } from './run-cli.ts';
import { writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await suiteFolder();
  await useEngine({ engine: 'wasm' });
  await writeTinyPhotos(folder);
  const { layers } = tfl;
  // How much training amplifies the rounding depends on the weights.
  const { glorotUniform } = tfl.initializers;
  const model = tfl.sequential({
    layers: [
      layers.rescaling({ scale: 1 / 255, inputShape: [16, 16, 3] }),
      // A bias before a normalisation would change by rounding alone.
      layers.conv2d({
        filters: 4,
        kernelSize: 3,
        strides: 2,
        useBias: false,
        kernelInitializer: glorotUniform({ seed: 1 }),
      }),
      batchNormalization({ momentum: 0.5 }),
      layers.reLU(),
      layers.globalAveragePooling2d({}),
      layers.dense({
        units: 2,
        activation: 'softmax',
        kernelInitializer: glorotUniform({ seed: 2 }),
      }),
    ],
  });
  await saveModelFolder(model, join(folder, 'model'), { version: 1 });
  model.dispose();
  const resize = { policy: 'resize', size: 16 };
  file = await writeExperiment(folder, 'experiment', {
    version: 1,
    dataset: 'photos',
    model: { folder: 'model', imageSize: 16 },
    batchSize: 4,
    normStatistics: 'running',
    arms: [
      {
        name: 'base',
        trainPolicy: resize,
        testPolicy: resize,
        epochs: 4,
        learningRate: 0.05,
        optimizer: { type: 'sgd', momentum: 0.9 },
        ema: { momentum: 0.5, warmUp: false },
      },
      {
        name: 'tuned',
        initFrom: 'base',
        freeze: 'classifier',
        trainPolicy: resize,
        testPolicy: resize,
        epochs: 3,
        learningRate: 0.05,
        optimizer: { type: 'sgd', momentum: 0.9 },
      },
      {
        name: 'scaled',
        trainPolicy: resize,
        testPolicy: resize,
        epochs: 2,
        accumulate: 2,
        schedule: {
          type: 'constant',
          rate: 0.1,
          scaling: { rule: 'linear', referenceBatch: 16 },
          warmUp: { epochs: 1 },
        },
        optimizer: { type: 'sgd', momentum: 0.9 },
      },
    ],
  });
});

/** The process of a rank below a launcher. */
function processOf(launcher: number, rank: number): number {
  const children = readFileSync(`/proc/${launcher}/task/${launcher}/children`, 'utf8');
  const found = children
    .trim()
    .split(' ')
    .find((id) => readFileSync(`/proc/${id}/environ`, 'utf8').includes(`"index":${rank}}`));
  return Number(found);
}

/** The CPUs that a process may use. */
function cpusOf(process: number | 'self'): number[] {
  const status = readFileSync(`/proc/${process}/status`, 'utf8');
  return cpuNumbers(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)![1]!);
}

const only = <T extends RunEvent['type']>(
  events: readonly RunEvent[],
  type: T,
): Extract<RunEvent, { type: T }>[] =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type);

async function weightsOf(run: string, arm: string): Promise<Float32Array[]> {
  const { model } = await loadModelFolder(join(run, 'models', `${arm}-seed0`));
  const weights = model.getWeights().map((weight) => weight.dataSync<'float32'>());
  model.dispose();
  return weights;
}

/** Largest difference of numbers, relative to the largest number. */
function difference(a: readonly number[], b: readonly number[]): number {
  const largest = Math.max(...a.map(Math.abs));
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / largest;
}

describe('fixres launch', () => {
  it(
    'trains with two processes as one would, also after one of them was killed',
    { tags: ['native-engine', 'linux'] },
    async () => {
      const [alone, together] = [join(folder, 'alone'), join(folder, 'together')];
      const engine = ['--engine', 'tensorflow'];
      const env = { TF_NUM_INTRAOP_THREADS: '1' };
      expect(
        await runCli(['run', file, '--out', alone, '--json', ...engine], { env }),
      ).toMatchObject({ code: 0 });

      const [program, ...first] = fixres as [string, ...string[]];
      const launcher = spawn(
        program,
        [
          ...first,
          ...['launch', '--log-dir', join(folder, 'logs')],
          ...'--processes 2 --restarts 1 -- run'.split(' '),
          ...[file, '--out', together, '--ndjson', '--sync-batch-norm', '--step-timeout', '3'],
          ...engine,
        ],
        { env: commandEnv(env) },
      );
      let stderr = '';
      let stdout = '';
      let isKilled = false;
      let cpus: number[][] = [];
      launcher.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      launcher.stdout.on('data', (chunk: Buffer) => {
        stdout += chunk.toString();
        if (isKilled || !stdout.includes('"epoch":1,"step":2')) return;
        isKilled = true;
        cpus = [0, 1].map((rank) => cpusOf(processOf(launcher.pid!, rank)));
        process.kill(processOf(launcher.pid!, 1), 'SIGKILL');
      });
      const code = await new Promise((resolve) => launcher.once('close', resolve));
      expect({ code, stderr }).toMatchObject({ code: 0 });
      // Each has its own cores, if there are enough.
      const all = cpusOf('self');
      expect(cpus).toEqual(
        coreShares(2)?.map((share) => cpuNumbers(share).toSorted((a, b) => a - b)) ?? [all, all],
      );
      expect(stderr).toMatch(
        /^error: Process 1 \(127\.0\.0\.1:\d+\) of 2 is gone, stopped or cannot be reached\. .*$/m,
      );
      expect(stderr).toMatch(/^Process 1 ended by SIGKILL\. Starting all 2 again \(1 of 1\)\.$/m);

      const log = (await readFile(join(folder, 'logs', 'process-1.log'), 'utf8')).trimEnd();
      const lines = log.split('\n');
      const starts = lines.flatMap((line, i) => (line.startsWith('# ') ? [i] : []));
      expect(starts.map((i) => lines[i])).toEqual([
        expect.stringMatching(/^# \S+Z started: run .* --step-timeout 3 /),
        expect.stringMatching(/^# \S+Z started again \(1\): resume /),
      ]);
      // It was killed while the first arm trained, and its own events are there.
      const [before, after] = [lines.slice(1, starts[1]), lines.slice(starts[1]! + 1)].map((part) =>
        part.map((line) => JSON.parse(line) as RunEvent),
      ) as [RunEvent[], RunEvent[]];
      const epochs = only(before, 'epoch').map(({ arm, epoch }) => `${arm} ${epoch}`);
      // The other process is past the step at which this one is killed: up to where a busy machine lets it go on.
      expect(epochs).toEqual(['base 0', 'base 1', 'base 2', 'base 3'].slice(0, epochs.length));
      expect(epochs.length).toBeGreaterThanOrEqual(1);
      expect(only(before, 'arm-end')).toEqual([]);
      expect(only(after, 'arm-end').map(({ arm }) => arm)).toEqual(['base', 'tuned', 'scaled']);

      const [expected, events] = (await Promise.all(
        [alone, together].map(async (run) =>
          parseEvents(await readFile(join(run, 'events.jsonl'), 'utf8')),
        ),
      )) as [RunEvent[], RunEvent[]];
      expect(only(events, 'run-failed')).toHaveLength(1);
      expect(only(events, 'run-resumed')).toHaveLength(1);
      const losses = (all: readonly RunEvent[]): Map<string, number> =>
        new Map(
          only(all, 'progress')
            .filter(({ phase }) => phase === 'train')
            .map((event) => [
              `${event.arm} ${event.epoch} ${event.step}`,
              (event as { loss: number }).loss,
            ]),
        );
      const [one, two] = [losses(expected), losses(events)];
      expect([...two.keys()]).toEqual([...one.keys()]);
      expect(one.size).toBe(4 * 4 + 3 * 4 + 2 * 2);
      // Sums are rounded in another order, by chance in each run too, and training amplifies that.
      const [ours, theirs] = [[...one.values()], [...two.values()]];
      expect(difference(ours.slice(0, 4), theirs.slice(0, 4))).toBeLessThan(1e-5);
      expect(difference(ours, theirs)).toBeLessThan(3e-3);
      const accuracies = (all: readonly RunEvent[]): Map<string, number> =>
        new Map(
          only(all, 'epoch').map((event) => [`${event.arm} ${event.epoch}`, event.heldOutAccuracy]),
        );
      expect(accuracies(events)).toEqual(accuracies(expected));
      // An update sees 4 images twice, of all processes together.
      for (const all of [expected, events]) {
        const rates = only(all, 'progress').filter(
          ({ arm, phase }) => arm === 'scaled' && phase === 'train',
        );
        expect(rates.map((event) => (event as { learningRate: number }).learningRate)).toEqual(
          [0, 0.025, 0.05, 0.05].map((rate) => expect.closeTo(rate, 12) as number),
        );
      }
      for (const arm of ['base', 'tuned', 'scaled']) {
        const [a, b] = await Promise.all([weightsOf(alone, arm), weightsOf(together, arm)]);
        for (const [i, values] of a.entries())
          expect(difference([...values], [...b[i]!]), `${arm} ${i}`).toBeLessThan(5e-3);
      }
      // `tuned` trains on cached features in both.
      for (const all of [expected, events])
        expect(only(all, 'feature-cache')).toMatchObject([{ arm: 'tuned', where: 'memory' }]);
    },
  );

  it.each([
    ['-- predict x', 'Command "predict" cannot be launched; allowed are '],
    ['--processes 2 --restarts 1 -- train x', 'Option --restarts needs --out in the command'],
    [
      '--processes 1024 --bind-to core -- train x',
      'Option --bind-to is core; it must be none here, because there are fewer cores than the 1024 processes',
    ],
  ])('refuses launch %s', async (line, message) => {
    const { code, stderr } = await runCli(['launch', ...line.split(' ')]);
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`^error: ${message}.*\n$`)) as string,
    });
  });
});
