import { linePath, niceScale } from '@fixres/runs/report';

const WIDTH = 360;
const HEIGHT = 200;
const MARGIN = { left: 58, right: 26, top: 30, bottom: 40 };
const COLOURS = ['#3366cc', '#dc3912', '#109618', '#ff9900'];

/**
 * Line charts as one SVG, two beside each other, with axes from 0.
 *
 * @param panels each with a title, the title of its x axis, and lines of points `[x, y]`
 */
export function lineChart(panels) {
  const rows = Math.ceil(panels.length / 2);
  const body = panels.map((panel, i) => {
    const [x, y] = [(i % 2) * WIDTH, Math.floor(i / 2) * HEIGHT];
    return `<g transform="translate(${x},${y})">${panelBody(panel)}</g>`;
  });
  const [width, height] = [WIDTH * Math.min(2, panels.length), HEIGHT * rows];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" role="img"><rect width="100%" height="100%" fill="#fff"/>${body.join('')}</svg>\n`;
}

function panelBody({ title, x: xTitle, lines }) {
  const points = lines.flatMap((line) => line.points);
  const [xs, ys] = [0, 1].map((i) =>
    niceScale([0, ...points.map((point) => point[i])], { intervals: 4 }),
  );
  const [inner, high] = [WIDTH - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  const placeX = (value) => MARGIN.left + (inner * xs.place(value)) / 100;
  const placeY = (value) => MARGIN.top + high - (high * ys.place(value)) / 100;
  const text = (at, content, more = '') =>
    `<text x="${at[0].toFixed(1)}" y="${at[1].toFixed(1)}" fill="#333" ${more}>${content}</text>`;
  const bottom = placeY(ys.ticks[0]);
  const grid = [
    ...ys.ticks.map(
      (tick) =>
        `<path d="${linePath([
          [placeX(xs.ticks[0]), placeY(tick)],
          [placeX(xs.ticks.at(-1)), placeY(tick)],
        ])}" stroke="#ddd"/>${text([MARGIN.left - 6, placeY(tick) + 4], tick.toLocaleString('en-US'), 'text-anchor="end"')}`,
    ),
    ...xs.ticks.map((tick) =>
      text([placeX(tick), bottom + 15], tick.toLocaleString('en-US'), 'text-anchor="middle"'),
    ),
  ];
  const drawn = lines.map(({ points: all }, i) => {
    const placed = all.map(([x, y]) => [placeX(x), placeY(y)]);
    const colour = COLOURS[i % COLOURS.length];
    const dots =
      all.length > 20
        ? []
        : placed.map(
            ([x, y]) =>
              `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="2.5" fill="${colour}"/>`,
          );
    return `<path d="${linePath(placed)}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots.join('')}`;
  });
  const legend =
    lines.length === 1
      ? []
      : lines.map(({ name }, i) =>
          text(
            [MARGIN.left + 8, MARGIN.top + 12 + 13 * i],
            name,
            `style="fill:${COLOURS[i % COLOURS.length]}"`,
          ),
        );
  return [
    text([MARGIN.left, 16], title, 'font-weight="bold"'),
    ...grid,
    ...drawn,
    ...legend,
    text([MARGIN.left + inner / 2, bottom + 31], xTitle, 'text-anchor="middle"'),
  ].join('');
}
