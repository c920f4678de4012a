import { merged, number, ratioText, spreadText, table } from '../docs/markdown.mjs';

const policies = { train128: 'train, 128', finetune224: 'fine-tune, 392 -> 224' };
const caches = { none: 'not cached', memory: 'in memory', disk: 'on disk' };

/** Images per second of all sides. */
export function images({ cases }) {
  const rows = cases.flatMap(({ policy, cache, sides }) => {
    const peers = sides.filter(({ name }) => !isOwn(name));
    const fastest = Math.max(...peers.map(({ imagesPerSecond }) => imagesPerSecond.median));
    return sides.map(({ name, version, imagesPerSecond, cpuMsPerImage, peakRssMiB }) => [
      policies[policy],
      caches[cache],
      isOwn(name) || version === undefined ? name : `${name} ${version}`,
      spreadText(imagesPerSecond),
      isOwn(name) && peers.length > 0 ? ratioText(imagesPerSecond.median / fastest, 1) : '',
      number(cpuMsPerImage),
      `${peakRssMiB} MiB`,
    ]);
  });
  const header = ['Policy', 'Decoded-image cache', '', 'Images per second', 'Ratio'];
  return table([...header, 'CPU ms per image', 'Peak memory'], merged(rows, 0));
}

function isOwn(name) {
  return name.startsWith('@fixres/data');
}
