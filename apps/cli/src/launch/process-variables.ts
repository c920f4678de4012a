/** What the processes of a launch share. */
export interface Shared {
  /** Of all processes, by rank. */
  ports: readonly number[];
  /** Cores of the machine that this program may use. */
  cores: number;
  /** Names of the GPUs to use, as in `CUDA_VISIBLE_DEVICES`; empty for none. */
  cards: readonly string[];
}

/**
 * The environment variables that make a process one of several on this machine: where the others
 * are, its share of the cores, and its GPU. Variables that set the threads already stay.
 */
export function processVariables(
  rank: number,
  { ports, cores, cards }: Shared,
  before: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  return {
    TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(cores / ports.length))),
    ...before,
    TF_CONFIG: JSON.stringify({
      cluster: { worker: ports.map((port) => `127.0.0.1:${port}`) },
      task: { type: 'worker', index: rank },
    }),
    ...(cards.length > 0 && { CUDA_VISIBLE_DEVICES: cards[rank] }),
  };
}
