import type { StatisticsMode } from '@fixres/finetune';

/** Norms whose running statistics follow the batches of a training. */
export const FOLLOWING: readonly StatisticsMode[] = ['train', 'statistics-only'];
