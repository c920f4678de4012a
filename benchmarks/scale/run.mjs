// How time and memory of training grow with the number of photos and with the image size:
// alternating epochs, each in a separate process.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { about, machineText } from '../about.mjs';
import { round, spreadOf } from '../spread-of.mjs';
import { UsageError } from '../usage-error.mjs';
import { syntheticPhotos } from './synthetic-photos.mjs';

const side = join(dirname(fileURLToPath(import.meta.url)), 'fixres-side.mjs');

const usage = `Usage: pnpm bench scale [options]
  --photos FOLDER     photos in class folders (default: synthetic photos, in a temporary folder)
  --counts LIST       numbers of photos, multiples of 16, at the first size (default 320,3200)
  --sizes LIST        image sizes in pixels, with the first number of photos (default 64)
  --engine NAME       tensorflow (default), wasm or cpu
  --rounds N          turns of each (default 3)
  --json              one JSON object on stdout
`;

export async function main(args) {
  const text = (value) => ({ type: 'string', ...(value !== undefined && { default: value }) });
  const flag = { type: 'boolean', default: false };
  const { values } = parseArgs({
    args,
    options: {
      photos: text(),
      counts: text('320,3200'),
      sizes: text('64'),
      engine: text('tensorflow'),
      rounds: text('3'),
      json: flag,
      help: flag,
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const wholes = (name, low, step = 1) =>
    values[name].split(',').map((word) => {
      const value = Number(word);
      if (Number.isInteger(value) && value >= low && value % step === 0) return value;
      const kind = step === 1 ? 'whole numbers' : `multiples of ${step}`;
      throw new UsageError(
        `Option --${name} has "${word}"; allowed are ${kind} of at least ${low}.`,
      );
    });
  const [counts, sizes, [rounds]] = [
    wholes('counts', 16, 16),
    wholes('sizes', 32),
    wholes('rounds', 1),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'fixres-bench-'));
  try {
    const photos = values.photos ?? (await syntheticPhotos(folder, Math.max(...counts, 64)));
    const result = await measure({ ...values, photos, folder, counts, sizes, rounds });
    process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : readable(result));
    return 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure({ photos, folder, engine, counts, sizes, rounds }) {
  const started = about();
  const rows = [
    ...counts.map((images) => ({ images, size: sizes[0] })),
    ...sizes.slice(1).map((size) => ({ images: counts[0], size })),
  ].map((row) => ({ ...row, turns: [] }));
  for (let turn = 0; turn < rounds; turn++) {
    for (const { images, size, turns } of rows) {
      const args = [side, photos, images, size, folder, engine].map(String);
      const { stdout } = await promisify(execFile)(process.execPath, args);
      turns.push(JSON.parse(stdout));
      process.stderr.write(
        `${images} photos, ${size} pixels: ${turns.at(-1).seconds.toFixed(1)} s\n`,
      );
    }
  }
  const summaries = rows.map(({ images, size, turns }) => ({
    images,
    size,
    seconds: spreadOf(
      turns.map(({ seconds }) => seconds),
      3,
    ),
    peakRssMb: spreadOf(
      turns.map(({ peakRssMb }) => peakRssMb),
      0,
    ),
  }));
  const [first] = summaries;
  return {
    ...started,
    versions: rows[0].turns[0].versions,
    rounds,
    rows: summaries,
    // Relative to the first row.
    ratios: summaries.slice(1).map(({ images, size, seconds, peakRssMb }) => ({
      images: round(images / first.images, 2),
      pixels: round((size / first.size) ** 2, 2),
      time: round(seconds.median / first.seconds.median, 2),
      memory: round(peakRssMb.median / first.peakRssMb.median, 2),
    })),
  };
}

function readable({ machine, rounds, rows, ratios }) {
  const of = ({ median, lowest, highest }) => `${median} (${lowest} to ${highest})`;
  return [
    `${machineText(machine)}; ${rounds} rounds`,
    ...rows.map(
      ({ images, size, seconds, peakRssMb }) =>
        `${images} photos, ${size} pixels: ${of(seconds)} s; ${of(peakRssMb)} MB`,
    ),
    ...ratios.map(
      ({ images, pixels, time, memory }) =>
        `${images} x the photos, ${pixels} x the pixels: ${time} x the time, ${memory} x the memory`,
    ),
    '',
  ].join('\n');
}
