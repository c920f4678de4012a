import { merged, ratioText, spreadText, table } from '../docs/markdown.mjs';

/** Images a second and size of each program and precision. */
export function programs({ programs: rows }) {
  return table(
    ['', 'Precision', 'Images per second', 'Ratio', 'Size'],
    merged(
      rows.map(({ name, precision, megabytes, imagesPerSecond, ratio }, i) => [
        name,
        precision,
        spreadText(imagesPerSecond),
        i === 0 ? '1' : ratioText(ratio.median),
        `${megabytes} MB`,
      ]),
      0,
    ),
  );
}
