import { ratioText, spreadText, table } from '../docs/markdown.mjs';

const OWN = '@fixres/data';

/** Images per second of each augmentation. */
export function augmentations({ augmentations: rows }) {
  const names = rows[0].sides.map(({ name }) => name);
  return table(
    ['Augmentation', ...names, ...(names.length > 1 ? ['Ratio'] : [])],
    rows.map(({ name, sides }) => {
      const speeds = names.map((each) => sides.find((side) => side.name === each)?.imagesPerSecond);
      const peers = sides.filter((side) => side.name !== OWN);
      const fastest = Math.max(...peers.map(({ imagesPerSecond }) => imagesPerSecond.median));
      const own = sides.find((side) => side.name === OWN);
      return [
        `\`${name}\``,
        ...speeds.map((speed) => (speed ? spreadText(speed, (value) => value.toFixed(0)) : '')),
        ...(names.length > 1 ? [ratioText(own.imagesPerSecond.median / fastest, 1)] : []),
      ];
    }),
  );
}
