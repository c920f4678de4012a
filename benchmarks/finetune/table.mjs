import { number, spreadText, table } from '../docs/markdown.mjs';

/** Number of epochs that are shown one by one: in the later ones, all features are cached. */
const FIRST = 4;

/** Seconds of all sides. */
export function seconds({ epochs, sides, ratios = {} }) {
  const rows = sides.map(
    ({ name, version, seconds: all, epochSeconds, laterEpochSeconds, peakRssMiB }) => {
      const later = laterEpochSeconds ?? rangeOf(epochSeconds.slice(FIRST));
      return [
        version === undefined || name !== 'Keras' ? name : `Keras (${version})`,
        spreadText(all),
        epochSeconds.slice(0, FIRST).map(number).join(', '),
        later && `${number(later.lowest)} to ${number(later.highest)}`,
        peakRssMiB && `${peakRssMiB} MiB`,
        spreadText(ratios[name]),
      ];
    },
  );
  const header = [
    '',
    `Seconds for ${epochs} epochs`,
    `First ${FIRST} epochs`,
    'Later epochs, each',
  ];
  return table([...header, 'Peak memory', "Part of Keras's time"], rows);
}

function rangeOf(values) {
  return values.length === 0
    ? undefined
    : { lowest: Math.min(...values), highest: Math.max(...values) };
}
