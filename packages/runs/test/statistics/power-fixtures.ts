import { readFileSync } from 'node:fs';

/** What `scripts/make-power-fixtures.py` writes. */
interface PowerFixtures {
  power: {
    images: number;
    discordance: number;
    difference: number;
    alpha: number;
    /** By statsmodels. */
    power: number;
    /** Of the exact McNemar test. */
    exact: number;
  }[];
  variance: {
    a: number[][];
    b: number[][];
    betweenSeeds: number;
    betweenImages: number;
    residual: number;
  }[];
  bound: { onlyA: number; onlyB: number; images: number; confidence: number; bound: number }[];
}

const file = new URL('../../src/statistics/fixtures/power.json', import.meta.url);

export const powerFixtures: PowerFixtures = JSON.parse(readFileSync(file, 'utf8')) as PowerFixtures;
