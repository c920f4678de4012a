// The fine-tuning of the Keras example "FixRes" at 224 pixels: fixres on cached features in both
// precisions, compared with Keras, on the same photos and cores. They alternate; each is a separate
// process that waits between its rounds.
import { readdirSync, writeFileSync } from 'node:fs';
import { freemem, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { about, machineText } from '../about.mjs';
import { peerPython } from '../peer-python.mjs';
import { benchmarkPhotos } from '../photos.mjs';
import { startSides } from '../sides.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const usage = `Usage: pnpm bench finetune [options]
  --archive FILE      photos, flower_photos.tgz (default: what FIXRES_FLOWERS names)
  --photos FOLDER     photos in class folders, instead of an archive
  --python PROGRAM    Python with tensorflow (default: one that pip makes in the cache folder)
  --peers NAME        keras, or none (default keras)
  --precisions LIST   of fixres's frozen layers: float32, bfloat16 (default: both)
  --limit N           photos (default 3303, as many as the example trains on)
  --width N           channels of the stem; other than 64 only with --peers none (default 64)
  --epochs N          epochs a turn (default 10)
  --batch N           images a step (default 32)
  --rounds N          turns of each (default 1)
  --memory MB         most memory for features; more than that go to disk (default: half of what is free)
  --folder PATH       where features on disk go (default: a temporary folder)
  --json              one JSON object on stdout
`;

export function main(args) {
  return benchmarkPhotos({
    args,
    usage,
    defaults: {
      python: undefined,
      peers: 'keras',
      precisions: 'float32,bfloat16',
      limit: '3303',
      width: '64',
      epochs: '10',
      batch: '32',
      rounds: '1',
      memory: String(Math.floor(freemem() / 2e6)),
      folder: tmpdir(),
    },
    parent: ({ folder }) => folder,
    measure: async ({ photos, folder, limit, rounds, python, peers, ...values }) => {
      if (!/^[1-9]\d*$/.test(values.width))
        throw new UsageError(
          `Option --width is ${values.width}; it must be a whole number of at least 1.`,
        );
      if (values.width !== '64' && peers !== 'none')
        throw new UsageError(
          `Option --width is ${values.width}; with the peer keras, it must be 64.`,
        );
      const list = join(folder, 'photos.txt');
      writeFileSync(list, `${spread(photosOf(photos), Number(limit)).join('\n')}\n`);
      return measure({
        ...values,
        python: peers === 'none' ? undefined : (python ?? (await peerPython('tensorflow'))),
        photos,
        list,
        scratch: folder,
        rounds: Number(rounds),
      });
    },
    readable,
  });
}

/** `<class>/<file>` of every photo. */
function photosOf(folder) {
  const classes = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return classes
    .flatMap(({ name }) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`))
    .sort();
}

/** `count` elements of a list, evenly spaced. */
function spread(list, count) {
  const some = Math.min(count, list.length);
  return Array.from({ length: some }, (_, i) => list[Math.floor((i * list.length) / some)]);
}

async function measure({
  photos,
  list,
  width,
  epochs,
  batch,
  memory,
  scratch,
  rounds,
  python,
  precisions,
}) {
  const started = about();
  const common = [photos, list, epochs, batch];
  const fixres = (precision) => [
    process.execPath,
    [join(here, 'fixres-side.mjs'), ...common, memory, scratch, precision, width],
  ];
  const sides = await startSides(
    {
      ...Object.fromEntries(
        precisions
          .split(',')
          .map((each) => [each === 'float32' ? 'fixres' : `fixres ${each}`, fixres(each)]),
      ),
      Keras: [python, [join(here, 'keras_side.py'), ...common]],
    },
    'fixres',
  );
  for (let round = 0; round < rounds; round++) {
    // The order alternates, so that a machine that becomes slower or faster favours none.
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      side.turns.push(await side.turn());
      process.stderr.write(`${side.name}: ${side.turns.at(-1).seconds.toFixed(1)} s\n`);
    }
  }
  await Promise.all(sides.map((side) => side.stop()));
  const [peer] = sides.filter(({ name }) => name === 'Keras');
  const ours = sides.filter((side) => side !== peer);
  const ratioOf = ({ name, turns }) => [
    name,
    spreadOf(
      turns.map(({ seconds }, i) => seconds / peer.turns[i].seconds),
      3,
    ),
  ];
  return {
    ...started,
    images: ours[0].images,
    epochs: Number(epochs),
    batch: Number(batch),
    rounds,
    loadAfter: loadavg()[0],
    sides: sides.map(summary),
    ...(peer && { ratios: Object.fromEntries(ours.map(ratioOf)) }),
  };
}

function summary({ name, version, turns }) {
  const { epochSeconds, loss, note } = turns.at(-1);
  return {
    name,
    version,
    seconds: spreadOf(
      turns.map(({ seconds }) => seconds),
      2,
    ),
    epochSeconds: epochSeconds.map((seconds) => round(seconds, 2)),
    peakRssMiB: Math.round(Math.max(...turns.map(({ peakRssMiB }) => peakRssMiB))),
    loss: round(loss, 4),
    ...(note === undefined ? {} : { note }),
  };
}

function readable({ machine, images, epochs, batch, rounds, sides, ratios = {}, loadAfter }) {
  const lines = [
    `${machineText(machine)} to ${loadAfter.toFixed(1)}; ${images} photos, ${epochs} epochs at 224 pixels, batches of ${batch}, ${rounds} turns`,
  ];
  for (const { name, version, seconds, epochSeconds, peakRssMiB, note } of sides) {
    lines.push(
      `  ${name.padEnd(15)} ${seconds.median.toFixed(1)} s (${seconds.lowest.toFixed(1)} to ${seconds.highest.toFixed(1)}), ${peakRssMiB} MiB at most  [${version}]`,
    );
    lines.push(
      `                  epochs: ${epochSeconds.map((value) => value.toFixed(1)).join(' ')} s`,
    );
    if (note !== undefined) lines.push(`                  ${note}`);
  }
  for (const [name, ratio] of Object.entries(ratios))
    lines.push(`  ${name} / Keras: ${ratio.median} (${ratio.lowest} to ${ratio.highest})`);
  return `${lines.join('\n')}\n`;
}
