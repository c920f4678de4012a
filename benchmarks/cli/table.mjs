import { spreadText, table } from '../docs/markdown.mjs';

/** Processor time of each command. */
export function commands({ commands: rows }) {
  return table(
    ['', 'Processor time', 'Peak memory'],
    rows.map(({ name, medianMs, lowestMs, highestMs, peakRssMb }) => [
      name === 'node alone'
        ? 'Node alone'
        : name.replace(/^(fixres[\w\- ]*?)( \(.*\))?$/, '`$1`$2'),
      `${spreadText({ median: medianMs, lowest: lowestMs, highest: highestMs }, (ms) => ms.toFixed(0))} ms`,
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
