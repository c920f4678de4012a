// The whole experiment (small, fine-tuned and vanilla arm) with fixres's command line, and with the
// scripts of its peers: same photos, split, sizes, policies, epochs and batch size.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fixresFinetune } from '@fixres/data';
import { openDataset, splitByHash } from '@fixres/data/node';
import { peerPython } from '../peer-python.mjs';
import { usageOf } from '../process-usage.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const bin = join(here, '..', '..', 'apps', 'cli', 'bin', 'fixres.js');

/** The names of the arms, in the order in which all sides train them. */
const arms = ['small', 'fixres', 'vanilla'];

/**
 * Runs the experiment on all sides, in turns.
 *
 * @param options as in {@link experimentSides}, with the number of `rounds`
 * @returns the turns of each side by its name, and the numbers of images
 */
export async function experimentTurns(options) {
  const { sides, images } = await experimentSides(options);
  const turns = new Map(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < options.rounds; round++) {
    // The order alternates, so that a machine that becomes slower or faster favours none.
    const order = Object.entries(sides);
    for (const [name, run] of round % 2 === 0 ? order : order.toReversed()) {
      turns.get(name).push(await run(round));
      process.stderr.write(`${name}: ${turns.get(name).at(-1).seconds.toFixed(1)} s\n`);
    }
  }
  return { turns, images };
}

/**
 * The sides that can run, by name: each a function that runs the experiment once and returns its
 * usage ({@link usageOf}), version, and per arm seconds of training, start and end (seconds since
 * 1970), held-out accuracy and peak memory of the main process.
 *
 * @param options as the command line gives them, with `photos` and a `folder` for files
 */
async function experimentSides(options) {
  const { photos, folder, precisions, peers } = options;
  const dataset = await openDataset(photos, { cacheFolder: folder });
  const split = splitByHash(dataset, options.images ? { limit: options.images } : {});
  const { version } = JSON.parse(
    readFileSync(join(here, '..', '..', 'apps/cli/package.json'), 'utf8'),
  );
  const sides = {};
  for (const precision of precisions)
    sides[`fixres ${precision}`] = (round) => fixresRun({ ...options, precision, version, round });
  const script = async (name, python) => {
    const program = python ?? (await peerPython(name === 'keras' ? 'tensorflow' : 'torch'));
    if (program === undefined) return;
    const spec = join(folder, 'spec.json');
    writeFileSync(spec, JSON.stringify(specOf(options, dataset, split)));
    sides[`${name} float32`] = async () => {
      const { stdout, ...usage } = await usageOf(program, [join(here, `${name}_side.py`), spec]);
      return { ...usage, ...JSON.parse(stdout.trim().split('\n').at(-1)) };
    };
  };
  if (peers.includes('keras')) await script('keras', options.python);
  if (peers.includes('torch')) await script('torch', options.torch);
  return { sides, images: { train: split.train.length, heldOut: split.heldOut.length } };
}

/** `fixres reproduce`, from the command to its result. */
async function fixresRun({ photos, folder, images, precision, version, round, ...options }) {
  const out = join(folder, `run-${precision}-${round}`);
  const { stdout, ...usage } = await usageOf(
    process.execPath,
    [
      ...[
        bin,
        'reproduce',
        photos,
        '--preset',
        'keras',
        '--arms',
        arms.join(),
        '--json',
        '--quiet',
      ],
      ...['--precision', precision, '--seeds', `${options.seed},`, '--out', out],
      ...['small', 'large', 'epochs', 'width'].flatMap((name) => [`--${name}`, options[name]]),
      ...['--finetune-epochs', options.finetuneEpochs, '--batch-size', options.batch].map(String),
      ...(images ? ['--limit', images] : []),
    ].map(String),
  );
  const summary = JSON.parse(stdout);
  const events = readFileSync(join(out, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { versions, name } = summary.engine;
  return {
    ...usage,
    version: `fixres ${version}, ${name} ${versions.tensorflow ?? versions['tfjs-core']}`,
    events,
    arms: summary.arms.map(
      ({ name: arm, trainSeconds, evaluations, ownEvaluation, peakRssMb }) => ({
        name: arm,
        seconds: trainSeconds,
        span: ['arm-start', 'arm-end'].map(
          (type) =>
            Date.parse(events.find((event) => event.type === type && event.arm === arm).time) /
            1000,
        ),
        accuracy: evaluations[ownEvaluation].accuracy,
        peakRssMb,
      }),
    ),
  };
}

/** What the scripts of the peers read. */
function specOf({ small, large, epochs, finetuneEpochs, batch, seed }, { classNames }, split) {
  const resized = fixresFinetune({ trainSize: small, size: large }).steps.find(
    ({ op }) => op === 'resize',
  ).width;
  const files = (examples) => examples.map(({ source, label }) => [source.file, label]);
  return {
    ...{ small, large, resized, epochs, finetuneEpochs, batch, seed },
    classes: classNames.length,
    train: files(split.train),
    heldOut: files(split.heldOut),
  };
}
