import { readFileSync, writeFileSync } from 'node:fs';
import { releaseFreeMemory } from '@fixres/engine';
import type { MemoryMeter } from '../../progress/memory-meter.ts';
import { deviceMemory } from './device-memory.ts';

/**
 * The memory of this process. On Linux the kernel records the peak, so nothing inside a native call
 * is missed; elsewhere the peak is the highest of the values read.
 *
 * @param options.device where the engine computes; with `gpu`, the memory in use there is reported
 * too
 */
export function processMemory({ device = 'cpu' }: { device?: string } = {}): MemoryMeter {
  let highest = 0;
  const nowMb = (): number => {
    const now = process.memoryUsage.rss() / 1e6;
    highest = Math.max(highest, now);
    return now;
  };
  return {
    reset() {
      releaseFreeMemory();
      highest = 0;
      try {
        // Resets the kernel's own peak (proc(5), clear_refs).
        writeFileSync('/proc/self/clear_refs', '5');
      } catch {
        // Not Linux, or not permitted: use the values read instead.
      }
    },
    peakMb: () => Math.max(nowMb(), highest, kernelPeakMb()),
    nowMb,
    ...(device === 'gpu' && { deviceMb: deviceMemory() }),
  };
}

/**
 * Highest resident set size of this process since it started, in 10^6 bytes, on systems that record it;
 * 0 on Linux, where it includes that of the process that started this one (getrusage(2)), and
 * {@link processMemory} misses nothing.
 */
export function lifetimePeakMb(platform: NodeJS.Platform = process.platform): number {
  return platform === 'linux' ? 0 : (process.resourceUsage().maxRSS * 1024) / 1e6;
}

function kernelPeakMb(): number {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return (Number(kilobytes ?? 0) * 1024) / 1e6;
  } catch {
    return 0;
  }
}
