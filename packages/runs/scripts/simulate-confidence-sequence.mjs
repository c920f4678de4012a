// Prints how often a confidence sequence misses the true difference at any of 2 to `SEEDS` seeds, in
// 2,000 experiments of each kind that look after every seed. Needs the package built.
//
//     node packages/runs/scripts/simulate-confidence-sequence.mjs
import { createRandom } from '@fixres/data';
import { normalQuantile, tConfidenceSequence } from '@fixres/runs';

const EXPERIMENTS = 2000;
const SEEDS = 100;
const t95 = [12.7, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26];

/** A difference that deviates by `sd` between seeds, on images of which `psi` disagree. */
function onImages(random, images, psi, shift) {
  let sum = 0;
  for (let i = 0; i < images; i++) {
    const u = random.next();
    if (u < (psi + shift) / 2) sum++;
    else if (u > 1 - (psi - shift) / 2) sum--;
  }
  return sum / images;
}

const normal = (random) => normalQuantile(Math.max(random.next(), 1e-12));
const kinds = {
  'normal, deviation 2 points': { draw: (random) => 0.02 * normal(random), images: 0 },
  'accuracies on 367 images, 15 % disagree, deviation 1 point': {
    draw: (random) => onImages(random, 367, 0.15, 0.01 * normal(random)),
    images: 367,
  },
  'accuracies on 100 images, 5 % disagree, no deviation': {
    draw: (random) => onImages(random, 100, 0.05, 0),
    images: 100,
  },
  '1 seed in 10 fails and loses 20 points': {
    draw: (random) =>
      onImages(random, 367, 0.25, random.next() < 0.1 ? -0.18 : 0.02 + 0.01 * normal(random)),
    images: 367,
  },
};

for (const [name, { draw, images }] of Object.entries(kinds)) {
  let missed = 0;
  let naive = 0;
  for (let trial = 0; trial < EXPERIMENTS; trial++) {
    const random = createRandom(trial, 'experiment', name);
    const values = [];
    let isMissed = false;
    let isNaive = false;
    for (let seed = 0; seed < SEEDS; seed++) {
      values.push(draw(random));
      const n = values.length;
      const leastSd = images === 0 ? 0 : 1 / (images * Math.sqrt(n));
      const [low, high] = tConfidenceSequence(values, { leastSd });
      if (low > 0 || high < 0) isMissed = true;
      if (n > 1 && n <= 20) {
        const mean = values.reduce((sum, value) => sum + value, 0) / n;
        const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
        if (Math.abs(mean) > ((t95[n - 2] ?? 2.1) * Math.max(sd, leastSd)) / Math.sqrt(n))
          isNaive = true;
      }
    }
    if (isMissed) missed++;
    if (isNaive) naive++;
  }
  const percent = (count) => `${((100 * count) / EXPERIMENTS).toFixed(1)} %`;
  console.log(
    `${name}: sequence, ${SEEDS} looks: ${percent(missed)}; t interval, 20 looks: ${percent(naive)}`,
  );
}
