import { number, ratioText, spreadText, table } from '../docs/markdown.mjs';
import { lineChart } from '../docs/line-chart.mjs';

/** Time and memory of each row. */
export function growth({ rows }) {
  const [first] = rows;
  return table(
    ['Photos', 'Image size', 'Seconds', 'ms per photo', 'Peak memory', 'Part of the first'],
    rows.map(({ images, size, seconds, peakRssMb }) => [
      images,
      size,
      spreadText(seconds),
      number((1000 * seconds.median) / images),
      `${spreadText(peakRssMb)} MB`,
      ratioText(peakRssMb.median / first.peakRssMb.median),
    ]),
  );
}

/** Time and memory by the number of photos, and by the number of pixels. */
export function plot({ rows }) {
  const [{ size, images }] = rows;
  const ofCounts = rows.filter((row) => row.size === size);
  const ofSizes = rows.filter((row) => row.images === images);
  const lines = (of, x) => [
    { name: 'seconds', points: of.map((row) => [x(row), row.seconds.median]) },
    { name: 'MB', points: of.map((row) => [x(row), row.peakRssMb.median]) },
  ];
  const panel = (title, xTitle, [seconds, memory]) => [
    { title: `Seconds, ${title}`, x: xTitle, lines: [seconds] },
    { title: `Peak memory in MB, ${title}`, x: xTitle, lines: [memory] },
  ];
  return lineChart([
    ...panel(
      `${size} pixels`,
      'photos',
      lines(ofCounts, (row) => row.images),
    ),
    ...(ofSizes.length > 1
      ? panel(
          `${images} photos`,
          'pixels of an image',
          lines(ofSizes, (row) => row.size ** 2),
        )
      : []),
  ]);
}
