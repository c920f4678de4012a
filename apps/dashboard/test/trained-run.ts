import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { shortProcessOptions } from '@fixres/testing';
import type { PresetStart } from '../shared/protocol.ts';

/** The built command line: a program and its first arguments. */
export const fixresProgram: readonly string[] = [
  process.execPath,
  ...shortProcessOptions,
  fileURLToPath(new URL('../../cli/bin/fixres.js', import.meta.url)),
];

/** Options of a run that takes seconds. */
const smallRun: readonly string[] = [
  '--limit',
  '60',
  '--held-out',
  '0.3',
  '--epochs',
  '2',
  '--finetune-epochs',
  '1',
  '--width',
  '4',
  '--small',
  '32',
  '--large',
  '56',
  '--arms',
  'small,fixres,control,vanilla',
  '--quiet',
];

/** The same for a form on the page. */
export const smallPreset: PresetStart = {
  preset: 'quick',
  dataset: 'synthetic',
  limit: 60,
  epochs: 2,
  finetuneEpochs: 1,
  width: 4,
  small: 32,
  large: 56,
};

/** Runs the built command line. @returns its output */
export async function fixres(args: readonly string[]): Promise<string> {
  const [program, ...first] = fixresProgram;
  const { stdout } = await promisify(execFile)(program!, [...first, ...args], {
    maxBuffer: 1 << 26,
  });
  return stdout;
}

/** A folder for a real run on the built-in flowers. */
export interface TrainedRuns {
  root: string;
  run: string;
  /** Trains the run at the first call. */
  train: () => Promise<void>;
  /** Called in the end. */
  remove: () => Promise<void>;
}

export async function trainedRuns(): Promise<TrainedRuns> {
  const root = await mkdtemp(join(tmpdir(), 'fixres-dashboard-runs-'));
  const run = 'flowers';
  let trained: Promise<unknown> | undefined;
  return {
    root,
    run,
    train: async () => {
      await (trained ??= fixres(['reproduce', 'synthetic', ...smallRun, '--out', join(root, run)]));
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
