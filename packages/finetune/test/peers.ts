import { readFileSync } from 'node:fs';
import type { WeightAverageSettings } from '../src/averaging/average-momentum.ts';
import type { Schedule } from '../src/schedules/schedule.ts';

/** What `scripts/make-recipe-fixtures.py` writes. */
export interface PeerFixtures {
  schedules: { schedule: Schedule; stepsPerEpoch: number; epochs: number; rates: number[] }[];
  /** One list of losses for each of the smoothings. */
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

/** What Keras, and torch with timm, say. */
export const peers: Readonly<Record<'keras' | 'torch', PeerFixtures>> = {
  keras: fixtures('keras'),
  torch: fixtures('torch'),
};
