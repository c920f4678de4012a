// Images per second of @fixres/data, tf.data and torchvision's DataLoader, with the same files,
// policies, batch size and cores. The three alternate; each is a separate process that waits
// between its rounds.
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { about, machineText } from '../about.mjs';
import { median } from '../median.mjs';
import { peerPython } from '../peer-python.mjs';
import { benchmarkPhotos } from '../photos.mjs';
import { startSides } from '../sides.mjs';
import { round } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const usage = `Usage: pnpm bench data [options]
  --archive FILE      photos, flower_photos.tgz (default: what FIXRES_FLOWERS names)
  --photos FOLDER     photos in class folders, instead of an archive
  --peers NAMES       tf.data, torch, or none (default tf.data,torch)
  --policies NAMES    train128, finetune224 (default train128,finetune224)
  --python PROGRAM    Python with tensorflow (default: one that pip makes in the cache folder)
  --torch PROGRAM     Python with torch and torchvision (default: one that pip makes in the cache folder)
  --images N          images a turn (default 1000)
  --rounds N          turns of each (default 5)
  --workers N         threads or processes of each (default: the number of cores)
  --json              one JSON object on stdout
`;

const policies = {
  train128: "the seed's training policy at 128",
  finetune224: "the seed's 392 -> 224 fine-tuning policy",
};

const caches = {
  none: 'decoding every image',
  memory: 'decoded images in memory',
  disk: 'decoded images on disk',
};

export function main(args) {
  return benchmarkPhotos({
    args,
    usage,
    defaults: {
      peers: 'tf.data,torch',
      policies: Object.keys(policies).join(),
      python: undefined,
      torch: undefined,
      images: '1000',
      rounds: '5',
      workers: String(availableParallelism()),
    },
    parent: () => tmpdir(),
    measure: async ({ photos, folder, images, workers, rounds, ...given }) => {
      const peers = given.peers.split(',');
      const measured = given.policies.split(',');
      const unknown = measured.find((name) => !Object.hasOwn(policies, name));
      if (unknown !== undefined)
        throw new UsageError(
          `Option --policies has "${unknown}"; allowed are ${Object.keys(policies).join(', ')}.`,
        );
      const python = peers.includes('tf.data')
        ? (given.python ?? (await peerPython('tensorflow')))
        : undefined;
      const torch = peers.includes('torch')
        ? (given.torch ?? (await peerPython('torch')))
        : undefined;
      return measure({
        measured,
        photos,
        folder,
        images: Number(images),
        workers: Number(workers),
        rounds: Number(rounds),
        python,
        torch,
      });
    },
    readable,
  });
}

async function measure({ measured, photos, folder, images, workers, rounds, python, torch }) {
  const common = (policy, count = images) => [photos, policy, String(count), String(workers)];
  const fixres = (policy, cache, { count, decode = 'accurate' } = {}) => [
    process.execPath,
    [join(here, 'fixres-side.mjs'), ...common(policy, count), cache, folder, decode],
  ];
  const tfData = (policy, cache) => [
    python,
    [join(here, 'tf_data_side.py'), ...common(policy), cache, folder],
  ];
  const dataLoader = (policy) => [torch, [join(here, 'data_loader_side.py'), ...common(policy)]];

  const result = {
    ...about(),
    images,
    workers,
    rounds,
    cases: [],
  };
  for (const policy of measured) {
    for (const cache of Object.keys(caches)) {
      const sides = await startSides({
        // The levels of torchvision, then those of tf.data.
        '@fixres/data': fixres(policy, cache),
        ...(cache === 'none'
          ? { '@fixres/data, tensorflow': fixres(policy, cache, { decode: 'tensorflow' }) }
          : {}),
        'tf.data': tfData(policy, cache),
        // torchvision does not cache decoded images.
        ...(cache === 'none' ? { 'torchvision DataLoader': dataLoader(policy) } : {}),
      });
      process.stderr.write(
        `${policy}, cache ${cache}: ${sides.map(({ name }) => name).join(', ')}\n`,
      );
      // The first round warms up compilers, pools and caches.
      for (const side of sides) await side.turn();
      for (let round = 0; round < rounds; round++) {
        // The order alternates, so that a machine that becomes slower or faster favours none.
        const order = [
          ...sides.slice(round % sides.length),
          ...sides.slice(0, round % sides.length),
        ];
        for (const side of order) side.turns.push(await side.turn());
      }
      const summaries = sides.map(summary);
      result.cases.push({ policy, cache, sides: summaries, ratios: ratiosOf(summaries) });
      await Promise.all(sides.map((side) => side.stop()));
    }
  }
  result.memory = [];
  // A tenth of the photos of a turn, and all of them: memory use must not grow with the data set.
  for (const count of [Math.ceil(images / 10), images]) {
    const [side] = await startSides({ '@fixres/data': fixres('train128', 'none', { count }) });
    for (let pass = 0; pass < 2; pass++) side.turns.push(await side.turn());
    result.memory.push({ images: count, peakRssMiB: side.turns.at(-1).peakRssMiB });
    await side.stop();
  }
  result.loadAfter = loadavg()[0];
  return result;
}

function summary({ name, version, turns }) {
  const speeds = turns.map(({ images, seconds }) => images / seconds).sort((a, b) => a - b);
  const mainThread = turns
    .map(({ mainThreadBusy }) => mainThreadBusy)
    .filter((share) => share !== undefined);
  return {
    name,
    version,
    imagesPerSecond: {
      median: round(median(speeds), 2),
      lowest: round(speeds[0], 2),
      highest: round(speeds.at(-1), 2),
    },
    cpuMsPerImage: round(
      median(turns.map(({ images, cpuSeconds }) => (cpuSeconds / images) * 1000)),
      2,
    ),
    ...(mainThread.length > 0 ? { mainThreadBusyShare: round(median(mainThread), 4) } : {}),
    peakRssMiB: Math.max(...turns.map(({ peakRssMiB }) => peakRssMiB)),
  };
}

/** Speed of each side of fixres relative to the fastest peer, by the medians. */
function ratiosOf(sides) {
  const isOwn = ({ name }) => name.startsWith('@fixres/data');
  const peers = sides.filter((side) => !isOwn(side));
  if (peers.length === 0) return {};
  const fastest = Math.max(...peers.map(({ imagesPerSecond }) => imagesPerSecond.median));
  return Object.fromEntries(
    sides
      .filter(isOwn)
      .map(({ name, imagesPerSecond }) => [name, round(imagesPerSecond.median / fastest, 2)]),
  );
}

function readable({ machine, images, workers, rounds, cases, memory, loadAfter }) {
  const lines = [
    `${machineText(machine)} to ${loadAfter.toFixed(1)}; ${workers} workers, ${images} images a turn, ${rounds} turns`,
  ];
  for (const { policy, cache, sides } of cases) {
    lines.push('', `${policies[policy]}, ${caches[cache]}`);
    for (const {
      name,
      imagesPerSecond: { median: middle, lowest, highest },
      cpuMsPerImage,
      mainThreadBusyShare,
    } of sides) {
      const busy =
        mainThreadBusyShare === undefined
          ? ''
          : `  main thread busy ${(mainThreadBusyShare * 100).toFixed(1)} %`;
      lines.push(
        `  ${name.padEnd(24)} ${middle.toFixed(0).padStart(6)} img/s (${lowest.toFixed(0)} to ${highest.toFixed(0)})  ${cpuMsPerImage} CPU ms an image${busy}`,
      );
    }
  }
  lines.push(
    '',
    `Peak memory: ${memory.map(({ images: count, peakRssMiB }) => `${count} images ${peakRssMiB} MiB`).join(', ')}`,
    '',
  );
  return lines.join('\n');
}
