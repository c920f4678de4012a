import { dirname, resolve } from 'node:path';
import { readExperimentFile, resolveExperiment } from '@fixres/runner/node';
import { defaultRunFolder } from '../run-place.ts';
import { type DiskCacheChoice, diskCacheOf } from '../run/image-cache.ts';
import { resultForm, type RunOutputOptions, runTerminal } from '../run/output-options.ts';
import type { DatasetChoice, RunPlan } from '../run/run-plan.ts';
import { startRun } from '../run/start-run.ts';

/** Options of `fixres run`, as the command line gives them. They go before what the file says. */
export interface RunCommandOptions extends RunOutputOptions, DiskCacheChoice {
  seeds?: number;
  limit?: number;
  engine?: 'auto' | 'tensorflow' | 'wasm' | 'cpu';
  archive?: string;
  deterministic?: boolean;
  out?: string;
}

/** Runs the experiment that a file describes, writes its run folder and prints the result. */
export async function run(file: string, options: RunCommandOptions): Promise<void> {
  const written = await readExperimentFile(file);
  const content = options.seeds === undefined ? written : { ...written, seeds: options.seeds };
  const entry = typeof content.dataset === 'string' ? { source: content.dataset } : content.dataset;
  const beside = (path: string): string => resolve(dirname(file), path);
  const dataset: DatasetChoice = {
    ...entry,
    source: entry.source === 'synthetic' || entry.source === 'tf_flowers' ? entry.source : beside(entry.source),
    archive: options.archive ? resolve(options.archive) : entry.archive && beside(entry.archive),
    limit: options.limit ?? entry.limit,
  };
  const deterministic = options.deterministic ?? content.deterministic ?? false;
  const plan: RunPlan = {
    dataset,
    engine: options.engine ?? content.engine ?? 'auto',
    deterministic,
    logs: content.logs ?? [],
    diskCache: diskCacheOf(options),
    command: commandLine(file, options),
    experiment: (imageSizes) => resolveExperiment(content, imageSizes),
  };
  const out = options.out ?? defaultRunFolder(entry.source, file.replace(/^.*[\\/]|\.\w+$/g, ''));
  await startRun(plan, { out, form: resultForm(options), terminal: runTerminal(options) });
}

function commandLine(file: string, { seeds, limit, archive, deterministic }: RunCommandOptions): string {
  const flags = Object.entries({ seeds, limit, archive }).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${value}`]));
  return ['fixres run', file, ...flags, ...(deterministic ? ['--deterministic'] : [])].join(' ');
}
