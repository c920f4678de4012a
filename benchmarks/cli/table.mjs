import { spreadText, table } from '../docs/markdown.mjs';

/** Processor time, time by the clock (where it was measured) and memory of each command. */
export function commands({ commands: rows }) {
  const hasClock = rows.every(({ clockMs }) => clockMs !== undefined);
  return table(
    ['', 'Processor time', ...(hasClock ? ['By the clock'] : []), 'Peak memory'],
    rows.map(({ name, medianMs, lowestMs, highestMs, clockMs, peakRssMb }) => [
      name === 'node alone'
        ? 'Node alone'
        : name.replace(/^(fixres[\w\- ]*?)( \(.*\))?$/, '`$1`$2'),
      `${spreadText({ median: medianMs, lowest: lowestMs, highest: highestMs }, (ms) => ms.toFixed(0))} ms`,
      ...(hasClock ? [`${clockMs} ms`] : []),
      `${Math.round(peakRssMb)} MB`,
    ]),
  );
}

/** Time by the clock until a training has taken its first step. */
export function firstStep({ firstStep: { medianMs, lowestMs, highestMs } }) {
  const seconds = spreadText({ median: medianMs, lowest: lowestMs, highest: highestMs }, (ms) =>
    (ms / 1000).toFixed(2),
  );
  return `**${seconds} s**\n`;
}
