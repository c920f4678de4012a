import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';

/** Memory in MB (10^6 bytes). */
export interface MemoryReport {
  readonly totalMb: number;
  readonly freeMb: number;
  /** The limit of the container, if it is lower than the machine's memory; otherwise null. */
  readonly limitMb: number | null;
}

/** Memory of the machine, and of the container (cgroup v2 or v1). */
export function inspectMemory(): MemoryReport {
  const limits = ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory/memory.limit_in_bytes'].map(
    readBytes,
  );
  const limit = Math.min(...limits);
  const megabytes = (bytes: number): number => Math.round(bytes / 1e6);
  return {
    totalMb: megabytes(totalmem()),
    freeMb: megabytes(freemem()),
    limitMb: limit < totalmem() ? megabytes(limit) : null,
  };
}

/** Infinity for `max` and for a missing file. */
function readBytes(file: string): number {
  try {
    const bytes = Number(readFileSync(file, 'utf8').trim());
    return Number.isNaN(bytes) ? Infinity : bytes;
  } catch {
    return Infinity;
  }
}
