import { fileURLToPath } from 'node:url';
import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import type { RunCommandOptions } from '../plans/run-plan.ts';
import type { SweepBackend } from './backend-names.ts';
import type { HalvingOptions } from './halving-options.ts';
import type { JobSettings } from './sweep-plan.ts';

/** Options for the jobs of a sweep, as the command line gives them. */
export interface JobOptions {
  maxParallel?: number;
  cpus?: number;
  gpus?: number;
  program?: string;
  sbatch?: string[];
  image?: string;
  namespace?: string;
  claim?: string;
  rayAddress?: string;
}

/** The command line of this installation. */
const own = fileURLToPath(new URL('../../bin/fixres.js', import.meta.url));

/** Options of `fixres sweep start` that `fixres run` does not have. */
const ofSweep: ReadonlySet<string> = new Set([
  'on',
  'maxParallel',
  'cpus',
  'gpus',
  'program',
  'sbatch',
  'image',
  'namespace',
  'claim',
  'rayAddress',
  'halving',
  'reduction',
  'survivors',
  'minEpochs',
  'promotion',
  'baseline',
] satisfies ('on' | keyof HalvingOptions | keyof JobOptions)[]);

/** The options for `fixres run` among those of `fixres sweep start`. */
export function runOptionsOf(options: RunCommandOptions): RunCommandOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => !ofSweep.has(name)));
}

/** The backends that each option is for, if it is not for all. */
const only: Readonly<Partial<Record<keyof JobOptions, readonly SweepBackend[]>>> = {
  maxParallel: ['local', 'slurm', 'kubernetes'],
  gpus: ['slurm', 'kubernetes', 'ray'],
  sbatch: ['slurm'],
  image: ['kubernetes'],
  namespace: ['kubernetes'],
  claim: ['kubernetes'],
  rayAddress: ['ray'],
};

/** @throws ExitError for an option that the backend does not have */
export function jobSettings(on: SweepBackend, options: JobOptions): JobSettings {
  const { maxParallel, cpus, gpus, sbatch, image, namespace, claim, rayAddress } = options;
  for (const [name, allowed] of Object.entries(only)) {
    if (options[name as keyof JobOptions] === undefined || allowed.includes(on)) continue;
    const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    const hint = name === 'maxParallel' ? '; Ray starts as many trials as their --cpus allow' : '';
    throw new ExitError(
      exitCodes.usage,
      `error: Option ${flag} is for --on ${allowed.join(' or ')}, and --on is ${on}${hint}.`,
    );
  }
  return {
    maxParallel,
    cpus,
    gpus,
    program: programOf(on, options.program),
    sbatch,
    image,
    namespace,
    claim,
    rayAddress,
  };
}

/** This installation, which nodes of a cluster share; containers have their own. */
function programOf(on: SweepBackend, program: string | undefined): string[] {
  if (program !== undefined) return [program];
  return on === 'kubernetes' ? ['fixres'] : [process.execPath, own];
}
