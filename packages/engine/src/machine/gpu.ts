import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../setup/run-command.ts';

/** One NVIDIA GPU. */
export interface GpuReport {
  readonly name: string;
  readonly memoryMb: number;
  readonly driver: string;
}

/**
 * Files that exist only while NVIDIA's driver is loaded, by platform; on Linux also in containers
 * and WSL.
 */
const signsOfDriver: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/usr/lib/wsl/lib/libcuda.so.1'],
  win32: [join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'nvcuda.dll')],
};

/** Whether NVIDIA's driver is loaded. */
export function hasNvidiaDriver(): boolean {
  return (signsOfDriver[process.platform] ?? []).some((file) => existsSync(file));
}

/** The GPUs listed by `nvidia-smi`; empty if that program does not exist. */
export async function findGpus(signal?: AbortSignal): Promise<GpuReport[]> {
  const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader,nounits'];
  const { code, output } = await runCommand('nvidia-smi', query, { signal });
  return code === 0 ? parseGpus(output) : [];
}

/** Parses lines like `NVIDIA H100, 81559, 550.54.15`. */
export function parseGpus(csv: string): GpuReport[] {
  return csv
    .trim()
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => {
      const [name = '', memory = '', driver = ''] = line.split(',').map((field) => field.trim());
      return { name, memoryMb: Number(memory), driver };
    });
}
