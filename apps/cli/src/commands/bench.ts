import { imageSizeText } from '@fixres/data';
import { inspectMachine } from '@fixres/engine/setup';
import { FixresRunnerError } from '@fixres/runner';
import { experimentWords, measureSession, type SessionPlan } from '@fixres/runner/node';
import type { PrecisionChoice } from '@fixres/runs';
import { benchDefaults } from '../api/defaults.ts';
import { adviceFrom } from '../bench/advice.ts';
import { benchText } from '../bench/bench-text.ts';
import { limitsOf } from '../bench/limits.ts';
import { partName } from '../bench/part-name.ts';
import type { FixresOptions } from '../options/fixres-options.ts';
import { optionText } from '../options/option-text.ts';
import { reproducePlan } from '../plans/reproduce-plan.ts';
import { runPlan } from '../plans/run-plan.ts';
import type { DatasetOptions } from '../run/dataset-reading.ts';
import type { EngineOptions } from '../run/engine-options.ts';
import type { DiskCacheChoice } from '../run/image-cache.ts';
import { listenersOf } from '../run/listeners-of.ts';
import { interruptible } from '../terminal/interruptible.ts';
import { Terminal } from '../terminal/terminal.ts';

/** Options of `fixres bench`, as the command line gives them. */
export interface BenchOptions
  extends FixresOptions, DatasetOptions, DiskCacheChoice, Partial<EngineOptions> {
  dataset?: string;
  images?: number;
  seconds: number;
  /** Names separated by commas. */
  arms?: string;
  precision?: PrecisionChoice;
  json?: boolean;
  quiet?: boolean;
}

/** Measures the speed of an experiment on this machine, and prints it with an estimate and advice. */
export async function bench(file: string | undefined, options: BenchOptions): Promise<void> {
  const { json = false, quiet = false, images, seconds } = options;
  const terminal = new Terminal({ quiet });
  const plan = await planOf(file, options, terminal);
  const speed = await interruptible(
    (signal) =>
      measureSession(plan, {
        images,
        seconds,
        ...(file !== undefined && { words: experimentWords }),
        on: {
          ...listenersOf(terminal),
          part: (part) => {
            terminal.progress(
              `Measuring: ${partName(part, {})} at ${imageSizeText(part.size)} pixels`,
            );
          },
        },
        signal,
      }),
    () => 'Interrupted.',
  );
  const machine = await inspectMachine();
  const limits = limitsOf(speed, machine.memory);
  const advice = adviceFrom(speed, machine);
  const { cpu, memory } = machine;
  terminal.result(
    json
      ? JSON.stringify({ ...speed, cpu, memory, limits, advice })
      : benchText({ ...speed, cpu, memory, limits, advice }),
  );
}

/** Options that define the experiment of a preset. */
const ofPreset = [
  'preset',
  'dataset',
  'arms',
  'model',
  'width',
  'small',
  'large',
  'epochs',
  'finetuneEpochs',
  'batchSize',
  'normStatistics',
  'normImages',
] as const satisfies readonly (keyof BenchOptions)[];

async function planOf(
  file: string | undefined,
  options: BenchOptions,
  terminal: Terminal,
): Promise<SessionPlan> {
  const { dataset = benchDefaults.dataset, precision } = options;
  if (file === undefined) {
    const { plan } = await reproducePlan(dataset, {
      engine: 'auto',
      device: 'auto',
      ...options,
      preset: options.preset ?? benchDefaults.preset,
    });
    return plan;
  }
  const given = ofPreset.find((name) => options[name] !== undefined);
  const value = given && options[given];
  if (given !== undefined && value !== undefined) {
    const flag = given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const message = `Option --${flag} is ${optionText(value)}, but the experiment is that of "${file}"; without a file, it is allowed.`;
    throw new FixresRunnerError('bad-option', message);
  }
  const set = precision === undefined ? {} : { set: [`precision=${precision}`] };
  return (await runPlan(file, { ...options, ...set }, terminal)).plan;
}
