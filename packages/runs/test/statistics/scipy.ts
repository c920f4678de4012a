import { readFileSync } from 'node:fs';

type Bits = number[];

/** The output of `scripts/make-scipy-fixtures.py`. */
export interface ScipyFixtures {
  normalQuantile: [probability: number, z: number][];
  wilson: { correct: number; total: number; confidence: number; interval: [number, number] }[];
  mcnemar: { b: number; c: number; p: number }[];
  signFlip: { a: Bits[]; b: Bits[]; exact: boolean; p: number }[];
  pairedBootstrap: { a: Bits; b: Bits; interval: [number, number] }[];
  studentT: [t: number, degrees: number, within: number][];
  studentTQuantile: [probability: number, degrees: number, t: number][];
  overSeeds: {
    a: number[];
    b: number[];
    images: number;
    sdA: number;
    p: number;
    interval: [number, number];
  }[];
  smallestDetectable: { images: number; discordance: number; alpha: number; difference: number }[];
}

const file = new URL('../../src/statistics/fixtures/scipy.json', import.meta.url);

export const scipy: ScipyFixtures = JSON.parse(readFileSync(file, 'utf8')) as ScipyFixtures;
