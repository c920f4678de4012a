// How time and memory of training grow with the number of photos: alternating epochs on N and on
// ten times as many photos, each in a separate process.
import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from '../median.mjs';
import { benchmarkPhotos } from '../photos.mjs';

const side = join(dirname(fileURLToPath(import.meta.url)), 'fixres-side.mjs');

const usage = `Usage: pnpm bench scale [options]
  --archive FILE      photos, flower_photos.tgz (default: what FIXRES_FLOWERS names)
  --images N          photos, a multiple of 16; ten times as many must be there (default 320)
  --rounds N          turns of each (default 3)
  --json              one JSON object on stdout
`;

export function main(args) {
  return benchmarkPhotos({
    args,
    usage,
    defaults: { images: '320', rounds: '3' },
    parent: () => tmpdir(),
    measure,
    readable,
  });
}

async function measure({ photos, folder, images, rounds }) {
  const rows = [Number(images), 10 * Number(images)].map((count) => ({
    images: count,
    seconds: [],
    peakRssMb: [],
  }));
  const loadBefore = loadavg()[0];
  for (let round = 0; round < Number(rounds); round++) {
    for (const row of rows) {
      const { stdout } = await promisify(execFile)(process.execPath, [
        side,
        photos,
        String(row.images),
        folder,
      ]);
      const turn = JSON.parse(stdout);
      row.seconds.push(turn.seconds);
      row.peakRssMb.push(turn.peakRssMb);
    }
  }
  const [few, many] = rows;
  return {
    machine: {
      cpu: cpus()[0].model,
      cores: availableParallelism(),
      node: process.version,
      loadBefore,
    },
    rows,
    ratios: {
      time: median(many.seconds) / median(few.seconds),
      memory: median(many.peakRssMb) / median(few.peakRssMb),
    },
  };
}

function readable({ machine, rows, ratios }) {
  const show = (values, digits) => values.map((value) => value.toFixed(digits)).join(', ');
  const lines = rows.map(
    ({ images, seconds, peakRssMb }) =>
      `${images} photos: ${show(seconds, 2)} s; ${show(peakRssMb, 0)} MB`,
  );
  const title = `${machine.cpu}, ${machine.cores} cores, load ${machine.loadBefore.toFixed(1)}`;
  return `${[title, ...lines, `ten times the photos: ${ratios.time.toFixed(2)} x the time, ${ratios.memory.toFixed(2)} x the memory`].join('\n')}\n`;
}
