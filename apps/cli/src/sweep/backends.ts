import type { Backend } from './backend.ts';
import type { SweepBackend } from './backend-names.ts';
import { kubernetes } from './kubernetes.ts';
import { ray } from './ray.ts';
import { slurm } from './slurm.ts';

/** The schedulers. */
export const backends: Readonly<Record<Exclude<SweepBackend, 'local'>, Backend>> = {
  slurm,
  kubernetes,
  ray,
};
