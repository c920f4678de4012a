import { number, ratioText, spreadText, table } from '../docs/markdown.mjs';

/** Whole process and arms of all sides. */
export function sides({ sides: all, ratios }) {
  const [{ arms }] = all;
  const header = ['', 'Seconds', 'Processor seconds', 'Peak memory'];
  return [
    table(
      [...header, ...arms.map(({ name }) => `${name}: accuracy`)],
      all.map((side) => [
        `${side.name} (${side.version})`,
        spreadText(side.seconds),
        spreadText(side.cpuSeconds),
        `${spreadText(side.peakRssMb)} MB`,
        ...side.arms.map(({ accuracy }) => `${number(100 * accuracy.median)} %`),
      ]),
    ),
    table(
      ['fixres', 'against', 'Part of the time', 'Part of the memory'],
      ratios.map(({ fixres, peer, time, memory }) => [
        fixres,
        peer,
        `${ratioText(time.median, 3)} (${time.lowest} to ${time.highest})`,
        `${ratioText(memory.median, 3)} (${memory.lowest} to ${memory.highest})`,
      ]),
    ),
  ].join('\n\n');
}
