// Images per second of processor time of each augmentation in @fixres/data and in torchvision, on
// one thread. Other programs lengthen processor time less than time on the clock. The sides
// alternate; each is a separate process that waits between its rounds.
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { about, machineText } from '../about.mjs';
import { peerPython } from '../peer-python.mjs';
import { startSides } from '../sides.mjs';
import { spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const usage = `Usage: pnpm bench augment [options]
  --peers NAMES       torch, or none (default torch)
  --torch PROGRAM     Python with torch and torchvision (default: one that pip makes in the cache folder)
  --size N            side of the image (default 128)
  --images N          images of each augmentation a round (default 300)
  --rounds N          rounds of each side (default 7)
  --json              one JSON object on stdout
`;

export async function main(args) {
  const { values } = parseArgs({
    args,
    options: {
      peers: { type: 'string', default: 'torch' },
      torch: { type: 'string' },
      size: { type: 'string', default: '128' },
      images: { type: 'string', default: '300' },
      rounds: { type: 'string', default: '7' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const [size, images, rounds] = ['size', 'images', 'rounds'].map((name) => {
    const value = Number(values[name]);
    if (Number.isInteger(value) && value >= 1) return value;
    throw new UsageError(
      `Option --${name} is ${values[name]}; it must be a whole number of at least 1.`,
    );
  });
  const python =
    values.peers === 'torch' ? (values.torch ?? (await peerPython('torch'))) : undefined;
  const result = await measure({ size, images, rounds, python });
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
  return 0;
}

async function measure({ size, images, rounds, python }) {
  const started = about();
  const side = (kind) => [
    python,
    [join(here, 'torchvision_side.py'), String(size), String(images), kind],
  ];
  const sides = await startSides({
    '@fixres/data': [
      process.execPath,
      [join(here, 'fixres-side.mjs'), String(size), String(images)],
    ],
    'torchvision, PIL': side('pil'),
    'torchvision, tensors': side('tensor'),
  });
  // The first round warms up compilers and caches.
  for (const each of sides) await each.turn();
  for (let round = 0; round < rounds; round++) {
    for (const each of sides) each.turns.push(await each.turn());
  }
  await Promise.all(sides.map(({ stop }) => stop()));
  const names = Object.keys(sides[0].turns[0].seconds);
  return {
    ...started,
    size,
    images,
    rounds,
    augmentations: names.map((name) => ({
      name,
      sides: sides
        .filter(({ turns }) => turns[0].seconds[name] !== undefined)
        .map((each) => ({
          name: each.name,
          version: each.version,
          imagesPerSecond: spreadOf(
            each.turns.map(({ seconds }) => images / seconds[name]),
            0,
          ),
        })),
    })),
    loadAfter: loadavg()[0],
  };
}

function readable({ machine, size, images, rounds, augmentations, loadAfter }) {
  const lines = augmentations.map(({ name, sides }) => {
    const speeds = sides.map(
      ({ name: side, imagesPerSecond: { median, lowest, highest } }) =>
        `${side} ${median} img/s (${lowest} to ${highest})`,
    );
    return `  ${name.padEnd(18)}  ${speeds.join('  ')}`;
  });
  const title = `${machineText(machine)} to ${loadAfter.toFixed(1)}; ${size} px, ${images} images a round, ${rounds} rounds, one thread, processor time`;
  return `${[title, ...lines].join('\n')}\n`;
}
