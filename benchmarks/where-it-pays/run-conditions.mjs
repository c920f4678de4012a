// Where does a larger test size pay? Draws flowers that fill more or less of images of several shapes,
// runs one experiment on each data set, and compares. docs/results/where-it-does-not-pay.md states what it
// found. Finished runs in the folder are not repeated, so it can be interrupted.
//
//   node benchmarks/where-it-pays/run-conditions.mjs FOLDER [--seeds 0,1,2] [--conditions small,portrait] > results.json
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { syntheticFlowers } from '@fixres/data/node';
import { comparePairs } from '@fixres/runs';
import { readPredictions } from '@fixres/runs/node';
import { about } from '../about.mjs';
import { finished } from '../sides.mjs';

const bin = fileURLToPath(new URL('../../apps/cli/bin/fixres.js', import.meta.url));
const IMAGES = 1500;

/** Two factors around one middle: how much of the short side a flower fills, and the shape of the images. */
const conditions = {
  small: { blossomSize: [0.25, 0.5], aspectRatio: [1, 1], portrait: 1 },
  middle: { blossomSize: [0.5, 0.75], aspectRatio: [1, 1], portrait: 1 },
  filling: { blossomSize: [0.75, 1], aspectRatio: [1, 1], portrait: 1 },
  portrait: { blossomSize: [0.5, 0.75], aspectRatio: [1.5, 1.5], portrait: 1 },
  tall: { blossomSize: [0.5, 0.75], aspectRatio: [2, 2], portrait: 1 },
};

/** The third factor is the last feature map: 64 px has 2 x 2 cells, 72, 80 and 88 have 3 x 3, as 96. */
const sizes = [64, 72, 80, 88, 96, 128];
const policies = ['resize', 'shortSideCrop'];

const rate = (value) => ({ type: 'cosine', rate: value });
const tuned = (name, size) => ({
  name,
  initFrom: 'small',
  trainPolicy: { policy: 'shortSideCrop', size, flip: true },
  testPolicy: { policy: 'shortSideCrop', size },
  epochs: 4,
  schedule: rate(1e-3),
  freeze: 'classifier+last-bn-stats',
});
const arms = [
  {
    name: 'small',
    trainPolicy: { policy: 'sampledBoundingBoxCrop', size: 64, flip: true },
    testPolicy: { policy: 'resize', size: 64 },
    epochs: 12,
    schedule: { ...rate(2e-3), warmUp: { epochs: 1 } },
  },
  tuned('control', 64),
  tuned('tuned88', 88),
  tuned('tuned96', 96),
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '0,1,2' },
    conditions: { type: 'string', default: Object.keys(conditions).join() },
  },
});
const [folder] = positionals;
const names = values.conditions.split(',');
const unknown = names.find((name) => !Object.hasOwn(conditions, name));
if (folder === undefined || unknown !== undefined) {
  process.stderr.write(
    unknown === undefined
      ? 'Name the folder for data sets and runs.\n'
      : `Option --conditions has "${unknown}"; allowed are ${Object.keys(conditions).join(', ')}.\n`,
  );
  process.exit(2);
}
const seeds = values.seeds.split(',').map(Number);
const results = { ...about(), images: IMAGES, seeds, conditions: {} };
mkdirSync(folder, { recursive: true });
for (const name of names) {
  const source = await syntheticFlowers({
    folder: join(folder, 'images'),
    images: IMAGES,
    ...conditions[name],
  });
  const run = join(folder, `${name}-seeds${seeds.join('-')}`);
  await conduct(run, source);
  results.conditions[name] = { ...conditions[name], ...(await measured(run)) };
}
process.stdout.write(`${JSON.stringify(results, null, 1)}\n`);

/** Runs the experiment on a data set, unless it has finished. */
async function conduct(run, source) {
  if (existsSync(join(run, 'summary.json'))) return;
  const file = `${run}.json`;
  const evaluations = sizes.flatMap((size) => policies.map((policy) => ({ policy, size })));
  const experiment = {
    version: 1,
    dataset: { source, heldOut: 0.4 },
    model: { name: 'resnet14v2', width: 16 },
    arms,
    evaluations,
    seeds,
    activations: false,
  };
  writeFileSync(file, JSON.stringify(experiment));
  const words = existsSync(join(run, 'config.json'))
    ? ['resume', run]
    : ['run', file, '--out', run];
  await finished(spawn(process.execPath, [bin, ...words], { stdio: ['ignore', 2, 2] }));
}

/** Accuracies of all arms under all policies, and the comparisons, corrected together. */
async function measured(run) {
  const { arms: records, dataset } = JSON.parse(readFileSync(join(run, 'summary.json'), 'utf8'));
  const accuracy = Object.fromEntries(
    records.map(({ name, evaluations }) => [
      name,
      Object.fromEntries(
        evaluations.map(({ policy, size, accuracy: each }) => [`${policy}@${size}`, round(each)]),
      ),
    ]),
  );
  const correct = (arm, evaluation) =>
    Promise.all(
      seeds.map(async (seed) => {
        const { correct: row } = await readPredictions(
          run,
          { arm, seed, evaluation },
          dataset.classes,
        );
        return row;
      }),
    );
  const own = await correct('small', 'resize@64');
  const untuned = ['resize', 'shortSideCrop'].flatMap((policy) =>
    sizes.map((size) => ['small', `${policy}@${size}`]),
  );
  const pairs = [
    ...untuned
      .filter(([, key]) => key !== 'resize@64')
      .map(([arm, key]) => ({ arm, key, against: own })),
    ...[64, 88, 96].map((size) => ({
      arm: size === 64 ? 'control' : `tuned${size}`,
      key: `shortSideCrop@${size}`,
      against: own,
    })),
  ];
  const control = await correct('control', 'shortSideCrop@64');
  pairs.push(
    ...[88, 96].map((size) => ({
      arm: `tuned${size}`,
      key: `shortSideCrop@${size}`,
      against: control,
      of: 'control',
    })),
  );
  const compared = comparePairs(
    await Promise.all(
      pairs.map(async ({ arm, key, against }) => ({ a: await correct(arm, key), b: against })),
    ),
  );
  return {
    heldOut: dataset.heldOut,
    accuracy,
    comparisons: pairs.map(({ arm, key, of = 'small' }, i) => {
      const { difference, ci95, pAdjusted, verdict } = compared[i];
      return {
        a: `${arm} ${key}`,
        b: of === 'small' ? 'small resize@64' : 'control shortSideCrop@64',
        points: round(difference * 100),
        ci95: ci95.map((each) => round(each * 100)),
        p: Number(pAdjusted.toPrecision(2)),
        verdict,
      };
    }),
  };
}

function round(value) {
  return Number(value.toFixed(4));
}
