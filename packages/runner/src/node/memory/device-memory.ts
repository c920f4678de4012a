import { execFile } from 'node:child_process';

/** Asking takes tens of milliseconds in a process of its own. */
const EVERY_MS = 10_000;

/**
 * Memory in use on the GPUs, in 10^6 bytes, as their driver told it at most some ten seconds ago: that of all programs on the machine, and
 * with TensorFlow's own reserve, since its C library does not tell what a process uses of it.
 *
 * @param program lists the MiB in use, one GPU a line
 * @returns undefined until the first answer, and where there is none
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
          // Without a driver there is nothing to ask again.
          else askedAt = Infinity;
        },
      );
      child.unref();
    }
    return latest;
  };
}
