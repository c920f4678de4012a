import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The files that tell which CPUs there are; replaced by tests. */
export type ReadFile = (path: string) => string;

const readText: ReadFile = (path) => readFileSync(path, 'utf8');

/**
 * The CPUs of each of several processes, as `taskset -c` takes them: equal shares of those that this
 * program may use. Hardware threads of one core stay together, and cores of one package. A process
 * that stays on its cores finds its data in their caches, and does not wait behind another one while
 * a core is free.
 *
 * @returns undefined if there are fewer CPUs than processes, or nothing tells which there are, as
 * outside Linux
 */
export function coreShares(processes: number, read: ReadFile = readText): string[] | undefined {
  const cpus = usableCpus(read);
  if (cpus === undefined || cpus.length < processes) return undefined;
  return Array.from({ length: processes }, (_, rank) => {
    const [from, to] = [rank, rank + 1].map((part) =>
      Math.floor((part * cpus.length) / processes),
    ) as [number, number];
    return cpus.slice(from, to).join();
  });
}

/** The command that keeps a process on the CPUs of a list. It has the process's number. */
export function boundTo(cpus: string, command: readonly string[]): string[] {
  return ['taskset', '-c', cpus, ...command];
}

/** Whether {@link boundTo} works: `taskset` is there, and it is allowed. */
export function canBindTo(cpus: string): boolean {
  const [program, ...args] = boundTo(cpus, ['true']) as [string, ...string[]];
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The CPUs that this program may use, hardware threads of one core side by side. */
function usableCpus(read: ReadFile): number[] | undefined {
  try {
    const [, list] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(read('/proc/self/status'))!;
    const places = cpuNumbers(list!).map((cpu) => ({ cpu, place: placeOf(cpu, read) }));
    return places
      .sort(
        (a, b) => a.place.package - b.place.package || a.place.core - b.place.core || a.cpu - b.cpu,
      )
      .map(({ cpu }) => cpu);
  } catch {
    return undefined;
  }
}

/** Where a CPU is: its package, and the first hardware thread of its core. */
function placeOf(cpu: number, read: ReadFile): { package: number; core: number } {
  const topology = `/sys/devices/system/cpu/cpu${cpu}/topology`;
  try {
    return {
      package: Number(read(`${topology}/physical_package_id`)),
      core: cpuNumbers(read(`${topology}/thread_siblings_list`).trim())[0]!,
    };
  } catch {
    // Some virtual machines do not tell.
    return { package: 0, core: cpu };
  }
}

/** The CPUs of a list such as `0-3,8`. */
export function cpuNumbers(list: string): number[] {
  return list.split(',').flatMap((range) => {
    const [from, to = from] = range.split('-').map(Number) as [number, ...number[]];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
