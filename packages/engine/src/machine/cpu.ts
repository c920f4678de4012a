import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { runCommand } from '../setup/run-command.ts';

/** Properties of the processor that affect speed. */
export interface CpuReport {
  readonly model: string;
  /** Number of cores available to this process. */
  readonly cores: number;
  /** Its {@link notableFeatures}. */
  readonly features: readonly string[];
}

/** Instruction sets for which TensorFlow's CPU kernels have fast paths, in Linux's names. */
const notableFeatures: readonly string[] = [
  'avx2',
  'fma',
  'avx512f',
  'avx512_bf16',
  'avx512_vnni',
  'avx_vnni',
  'amx_tile',
  'amx_bf16',
  'asimd',
];

/** Asks the operating system for the processor; features are known on Linux and macOS. */
export async function inspectCpu(): Promise<CpuReport> {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return { model, cores: availableParallelism(), features: parseFeatures(await rawFeatures()) };
}

/** Its {@link notableFeatures} on Linux; elsewhere none, because finding them takes another program. */
export function cpuFeatures(): string[] {
  return parseFeatures(cpuinfo());
}

/** The notable features in the text of `/proc/cpuinfo` or of `sysctl`. */
export function parseFeatures(text: string): string[] {
  const words = new Set(text.toLowerCase().split(/[\s:.]+/));
  return notableFeatures.filter((feature) => words.has(feature));
}

async function rawFeatures(): Promise<string> {
  if (process.platform === 'darwin') return (await runCommand('sysctl', ['machdep.cpu'])).output;
  return cpuinfo();
}

function cpuinfo(): string {
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
