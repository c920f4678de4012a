/** Where the trials of a sweep run. */
export const sweepBackends = ['local', 'slurm', 'kubernetes', 'ray'] as const;

export type SweepBackend = (typeof sweepBackends)[number];
