import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { runCommand } from '../setup/run-command.ts';

/** The processor, as far as it matters for speed. */
export interface CpuReport {
  readonly model: string;
  /** Cores this process may use. */
  readonly cores: number;
  /** Those of {@link notableFeatures} that it has. */
  readonly features: readonly string[];
}

/** The instruction sets that TensorFlow's CPU kernels have fast paths for, by the names Linux gives them. */
const notableFeatures: readonly string[] = [
  'avx2',
  'fma',
  'avx512f',
  'avx512_bf16',
  'avx512_vnni',
  'amx_tile',
  'amx_bf16',
  'asimd',
];

/** Reads the processor from the operating system; features are known on Linux and macOS. */
export async function inspectCpu(): Promise<CpuReport> {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  return { model, cores: availableParallelism(), features: parseFeatures(await rawFeatures()) };
}

/** The notable features in the text of `/proc/cpuinfo` or of `sysctl`. */
export function parseFeatures(text: string): string[] {
  const words = new Set(text.toLowerCase().split(/[\s:.]+/));
  return notableFeatures.filter((feature) => words.has(feature));
}

async function rawFeatures(): Promise<string> {
  if (process.platform === 'darwin') return (await runCommand('sysctl', ['machdep.cpu'])).output;
  try {
    return readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return '';
  }
}
