import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunEventInput } from '@fixres/runs';
import { ownLock } from '@fixres/runs/read';
import { onTestFinished } from 'vitest';

/** A new empty folder that is removed after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fixres-dashboard-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The configuration of a small run, as written by the command line. */
function exampleConfig(learningRate = 0.001): unknown {
  const resize = (size: number): unknown => ({
    version: 1,
    name: 'resize',
    output: { width: size, height: size },
    steps: [
      { op: 'resize', width: size, height: size, interpolation: 'bilinear', antialias: false },
    ],
  });
  const arm = (name: string, size: number, freeze: string, initFrom: string | null): unknown => ({
    name,
    description: `The arm ${name}.`,
    initFrom,
    trainPolicy: resize(size),
    testPolicy: resize(size),
    epochs: 2,
    schedule: { type: 'constant', rate: learningRate },
    freeze,
  });
  return {
    command: 'fixres reproduce synthetic --preset quick',
    dataset: { source: 'synthetic' },
    experiment: {
      model: { name: 'resnet14v2', width: 16 },
      arms: [arm('small', 64, 'all', null), arm('fixres', 112, 'classifier+last-bn', 'small')],
      evaluations: [resize(64), resize(112)],
      comparisons: [{ a: 'fixres', b: 'small', policy: 'own' }],
      seeds: [0],
      batchSize: 32,
    },
  };
}

/** One line of an event log. */
function eventLine(n: number, event: RunEventInput, time: Date = new Date()): string {
  return `${JSON.stringify({ n, time: time.toISOString(), ...event })}\n`;
}

/** A progress event of the arm `small`. */
export function progress(
  step: number,
  values: { loss?: number; steps?: number; epoch?: number } = {},
): RunEventInput {
  const { loss = 2, steps = 100, epoch = 0 } = values;
  return {
    type: 'progress',
    arm: 'small',
    seed: 0,
    phase: 'train',
    epoch,
    epochs: 2,
    step,
    steps,
    loss,
    accuracy: 0.5,
    imagesPerSecond: 100,
    stall: 0,
    etaSeconds: 60,
    rssMb: 700,
    tensors: 300,
  };
}

const engine = { name: 'cpu', device: 'cpu', reason: 'as chosen', versions: {} };
const dataset = {
  name: 'synthetic',
  classes: ['aster', 'daisy'],
  train: 90,
  heldOut: 10,
  skipped: 0,
};

export interface MakeRunOptions {
  /** Number of progress events. */
  steps?: number;
  /** The events after them. */
  last?: RunEventInput[];
  learningRate?: number;
  /**
   * Content of the run's lock; null for no lock. Default: this process if there are no last events,
   * otherwise none.
   */
  lock?: unknown;
}

/** Writes a run folder with a run's first events. @returns lines of its log */
export async function makeRun(
  folder: string,
  {
    steps = 3,
    last = [],
    learningRate,
    lock = last.length > 0 ? null : ownLock(),
  }: MakeRunOptions = {},
): Promise<number> {
  await mkdir(join(folder, 'predictions'), { recursive: true });
  await mkdir(join(folder, 'models'));
  const config = exampleConfig(learningRate);
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  if (lock !== null) await writeFile(join(folder, 'lock'), JSON.stringify(lock));
  await writeFile(join(folder, 'environment.json'), JSON.stringify({ node: 'v20' }));
  const events: RunEventInput[] = [
    { type: 'run-start', format: 1, engine, dataset, config },
    {
      type: 'arm-start',
      arm: 'small',
      seed: 0,
      epochs: 2,
      stepsPerEpoch: 100,
      trainableParameters: 1000,
    },
    ...Array.from({ length: steps }, (_, i) => progress(i + 1, { loss: 2 - i / 1000 })),
    ...last,
  ];
  await writeFile(
    join(folder, 'events.jsonl'),
    events.map((event, n) => eventLine(n, event)).join(''),
  );
  return events.length;
}

/** Adds lines to a run's log. */
export async function appendEvents(
  folder: string,
  from: number,
  events: readonly RunEventInput[],
): Promise<void> {
  await appendFile(
    join(folder, 'events.jsonl'),
    events.map((event, i) => eventLine(from + i, event)).join(''),
  );
}
