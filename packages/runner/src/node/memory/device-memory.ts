import { execFile } from 'node:child_process';

/** A query takes tens of milliseconds in its own process. */
const EVERY_MS = 10_000;

/**
 * Memory in use on the GPUs, in 10^6 bytes, as their driver reported it within about the last ten
 * seconds: for all programs on the machine, including the reserve of TensorFlow, because its C
 * library does not report the use of one process.
 *
 * @param program lists the MiB in use, one GPU per line
 * @returns undefined until the first answer, and without a GPU
 */
export function deviceMemory(program = 'nvidia-smi'): () => number | undefined {
  let latest: number | undefined;
  let askedAt = -Infinity;
  return () => {
    if (performance.now() - askedAt >= EVERY_MS) {
      askedAt = performance.now();
      const child = execFile(
        program,
        ['--query-gpu=memory.used', '--format=csv,noheader,nounits'],
        (error, stdout) => {
          const used = stdout.trim().split('\n').map(Number);
          if (error === null && used.every(Number.isFinite))
            latest = (used.reduce((sum, each) => sum + each, 0) * 2 ** 20) / 1e6;
          // Without a driver, do not ask again.
          else askedAt = Infinity;
        },
      );
      child.unref();
    }
    return latest;
  };
}
