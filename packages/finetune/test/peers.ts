import { readFileSync } from 'node:fs';
import type { WeightAverageSettings } from '../src/averaging/average-momentum.ts';
import type { Schedule } from '../src/schedules/schedule.ts';

/** The output of `scripts/make-recipe-fixtures.py`. */
export interface PeerFixtures {
  schedules: { schedule: Schedule; stepsPerEpoch: number; epochs: number; rates: number[] }[];
  /** One list of losses per smoothing. */
  smoothing: { logits: number[][]; labels: number[]; smoothings: number[]; losses: number[][] };
  /** The averages after each of the updates to `weights`. */
  averaging: {
    weights: number[][];
    cases: { settings: WeightAverageSettings; averages: number[][] }[];
  };
}

function fixtures(library: string): PeerFixtures {
  return JSON.parse(
    readFileSync(new URL(`fixtures/${library}.json`, import.meta.url), 'utf8'),
  ) as PeerFixtures;
}

/** The results of Keras, and of torch with timm. */
export const peers: Readonly<Record<'keras' | 'torch', PeerFixtures>> = {
  keras: fixtures('keras'),
  torch: fixtures('torch'),
};
