import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '@fixres/data';
import { parseEvents, settledEvents, type Summary } from '@fixres/runner/events';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { bin, type CliResult, runCli, suiteFolder, temporaryFolder } from './run-cli.ts';

/** Everything that has a state: momentum, an average, a schedule, smoothed labels, the best epoch. */
const experiment = {
  version: 1,
  dataset: 'photos',
  model: { name: 'resnet14v2', width: 4 },
  arms: [
    {
      name: 'base',
      train: { policy: 'sampledBoundingBoxCrop', size: 32 },
      test: { policy: 'resize', size: 32 },
      epochs: 3,
      schedule: { type: 'cosine', rate: 0.05, warmUp: { epochs: 1 } },
      optimizer: { type: 'sgd', momentum: 0.9, weightDecay: { rate: 1e-4, kind: 'l2' } },
      average: { momentum: 0.9 },
      labelSmoothing: 0.1,
    },
    {
      name: 'tuned',
      from: 'base',
      train: { policy: 'shiftedCrop', size: 48 },
      test: { policy: 'shortSideCrop', size: 48 },
      epochs: 3,
      learningRate: 0.01,
      freeze: 'classifier+last-bn-stats',
      earlyStopping: { patience: 2, monitor: 'loss' },
    },
  ],
  batchSize: 4,
  deterministic: true,
  checkpoint: { everySeconds: 0.02 },
};

let folder: string;
let file: string;
let undisturbed: Record<string, string>;

beforeAll(async () => {
  folder = await suiteFolder();
  for (const [i, name] of ['a', 'b'].entries()) {
    await mkdir(join(folder, 'photos', name), { recursive: true });
    for (let n = 0; n < 11; n++) {
      const background = { r: 90 * i + 5 * n, g: 120, b: 200 - 9 * n };
      await sharp({ create: { width: 40 + n, height: 36, channels: 3, background } }).png().toFile(join(folder, 'photos', name, `${n}.png`));
    }
  }
  file = join(folder, 'experiment.yaml');
  // JSON is YAML.
  await writeFile(file, JSON.stringify(experiment));
  const out = join(folder, 'undisturbed');
  const { code, stderr } = await runCli(['run', file, '--out', out, '--quiet']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  undisturbed = await results(out);
});

describe('a run that is killed', () => {
  it('ends with the same bits, whenever it was killed, and however often', async () => {
    const random = createRandom(20261124, 'kills');
    const wanted = 22;
    const places = new Set<string>();
    let kills = 0;
    for (let run = 0; kills < wanted; run++) {
      const out = join(await temporaryFolder(), `run${run}`);
      let args = ['run', file, '--out', out, '--quiet'];
      for (;;) {
        const isStarting = random.next() < 0.15;
        const moment = isStarting ? random.uniform(0, 900) : random.uniform(0, 500);
        const { signal, code, stderr } = await killedAt(moment, isStarting ? undefined : out, kills < wanted ? args : undefined, args);
        if (signal === null) {
          expect(stderr).toBe('');
          expect(code).toBe(0);
          break;
        }
        kills += 1;
        if (existsSync(join(out, 'events.jsonl'))) places.add(await lastPlace(out));
        // Killed before there was a run: it begins again.
        if (existsSync(join(out, 'config.json'))) args = ['resume', out, '--quiet'];
      }
      expect(await results(out)).toEqual(undisturbed);
      const events = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8'));
      expect(events.map(({ n }) => n)).toEqual([...events.keys()]);
      const epochs = settledEvents(events).filter((event) => event.type === 'epoch');
      expect(epochs.map(({ arm, epoch }) => `${arm} ${epoch}`)).toEqual([...new Set(epochs.map(({ arm, epoch }) => `${arm} ${epoch}`))]);
    }
    expect(kills).toBeGreaterThanOrEqual(20);
    // In training, in evaluation, in both arms: the moments are spread.
    expect(places.size).toBeGreaterThan(4);
  }, 180_000);
});

/**
 * Runs the command line and kills it after some milliseconds: since its start, or since it first wrote to the log of the run. Without
 * a deadline it is left to end.
 */
async function killedAt(
  milliseconds: number,
  out: string | undefined,
  killable: readonly string[] | undefined,
  args: readonly string[],
): Promise<{ signal: NodeJS.Signals | null; code: number | null; stderr: string }> {
  const log = out && join(out, 'events.jsonl');
  const sizeOf = (): number => (log && existsSync(log) ? statSync(log).size : 0);
  const before = sizeOf();
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, FORCE_COLOR: '0' } });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdout.resume();
  let timer: NodeJS.Timeout | undefined;
  const killLater = (): void => void (timer = setTimeout(() => child.kill('SIGKILL'), milliseconds));
  const watch = setInterval(() => {
    if (killable === undefined || timer !== undefined || (log !== undefined && sizeOf() <= before)) return;
    killLater();
  }, 2);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...result) => resolve(result));
  });
  clearInterval(watch);
  clearTimeout(timer);
  return { signal, code, stderr };
}

/** What the run was doing. */
async function lastPlace(out: string): Promise<string> {
  const last = parseEvents(await readFile(join(out, 'events.jsonl'), 'utf8')).at(-1);
  return last === undefined ? 'nothing' : [last.type, 'arm' in last ? last.arm : '', 'phase' in last ? last.phase : ''].join(' ');
}

/** What must come out the same: weights, and predictions to the letter; and accuracies. */
async function results(out: string): Promise<Record<string, string>> {
  const files = (await readdir(out, { recursive: true })).filter((name) => /weights\.(bin|safetensors)$|\.jsonl$/.test(name) && name !== 'events.jsonl').sort();
  expect(files.length).toBe(2 + 2 + 4);
  const sums: Record<string, string> = {};
  for (const name of files) sums[name] = createHash('sha256').update(await readFile(join(out, name))).digest('hex');
  const { arms } = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as Summary;
  const curves = arms.map(({ name, curves: [curve], evaluations }) => ({
    name,
    evaluations,
    curve: curve!.epochs.map(({ loss, accuracy, heldOutAccuracy }) => [loss, accuracy, heldOutAccuracy]),
  }));
  return { ...sums, curves: JSON.stringify(curves) };
}
