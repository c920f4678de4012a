import { existsSync } from 'node:fs';
import { runCommand } from '../setup/run-command.ts';

/** One NVIDIA GPU. */
export interface GpuReport {
  readonly name: string;
  readonly memoryMb: number;
  readonly driver: string;
}

/** Whether NVIDIA's kernel driver is loaded; known on Linux only. */
export function hasNvidiaDriver(): boolean {
  return existsSync('/proc/driver/nvidia/version');
}

/** The GPUs that `nvidia-smi` lists; none when there is no such program. */
export async function findGpus(signal?: AbortSignal): Promise<GpuReport[]> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'];
  const { code, output } = await runCommand('nvidia-smi', query, { signal });
  return code === 0 ? parseGpus(output) : [];
}

/** Parses lines like `NVIDIA H100, 81559, 550.54.15`. */
export function parseGpus(csv: string): GpuReport[] {
  return csv.trim().split('\n').filter(Boolean).map((line) => {
    const [name = '', memory = '', driver = ''] = line.split(',').map((field) => field.trim());
    return { name, memoryMb: Number(memory), driver };
  });
}
