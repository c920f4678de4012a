import { number, ratioText, spreadText, table } from '../docs/markdown.mjs';
import { ratiosOf } from './ratios.mjs';

const names = {
  fixres: 'fixres, compiled',
  malloc: 'fixres, malloc as it is',
  keras: 'Keras',
  torch: 'PyTorch',
  tfjs: 'tfjs-layers',
};

/** Milliseconds of a step on all sides. */
export function steps({ rows }) {
  return table(
    ['', 'Precision', 'ms per step', 'Images per second', 'Peak memory', 'Ready'],
    rows.map(
      ({ name, version, precision, msPerStep, imagesPerSecond, peakRssMb, readySeconds }) => [
        // `keras 3.15.1`
        name === 'fixres' || version === undefined
          ? names[name]
          : `${names[name]} ${version.replace(/^\w+ /, '')}`,
        precision,
        msText(msPerStep),
        imagesPerSecond,
        `${peakRssMb} MB`,
        readySeconds && `${readySeconds} s`,
      ],
    ),
  );
}

/** Speed and memory of fixres relative to its peers, in one or more results. */
export function ratios(...results) {
  const all = results.map(({ rows }) => ratiosOf(rows));
  const keys = [...new Set(all.flat().map(({ fixres, peer }) => `${fixres}|${peer}`))];
  return table(
    ['fixres', 'against', ...results.flatMap((result) => [`${title(result)}: speed`, 'memory'])],
    keys.map((key) => [
      ...key.split('|'),
      ...all.flatMap((each) => {
        const found = each.find(({ fixres, peer }) => `${fixres}|${peer}` === key);
        return found ? [ratioText(found.speed), number(found.memory)] : ['', ''];
      }),
    ]),
  );
}

/** Milliseconds of a batch in several results side by side. */
export function batches(...results) {
  const [{ rows }] = results;
  return table(
    ['', 'Precision', ...results.flatMap((result) => [title(result), 'memory'])],
    rows.map(({ name, precision }) => [
      names[name],
      precision,
      ...results.flatMap((result) => {
        const row = result.rows.find((each) => each.name === name && each.precision === precision);
        return row ? [msText(row.msPerStep), `${row.peakRssMb} MB`] : ['', ''];
      }),
    ]),
  );
}

/** Peak memory of the sides in several results side by side, and relative to each peer. */
export function peaks(...results) {
  const [{ rows }] = results;
  return table(
    ['', 'Precision', ...results.flatMap((result) => [title(result), 'fixres / this'])],
    rows.map(({ name, precision }) => [
      names[name],
      precision,
      ...results.flatMap((result) => {
        const of = (side) =>
          result.rows.find((each) => each.name === side && each.precision === precision);
        const row = of(name);
        if (row === undefined) return ['', ''];
        const part = of('fixres').peakRssMb / row.peakRssMb;
        return [`${row.peakRssMb} MB`, name === 'fixres' ? '' : ratioText(part)];
      }),
    ]),
  );
}

function title({ mode, size }) {
  return `${mode}, ${size} px`;
}

function msText({ median, min, max }) {
  return spreadText({ median, lowest: min, highest: max });
}
