import { ratioText, spreadText, table } from '../docs/markdown.mjs';

/** Peak memory and processor time of a step, without and with gradient checkpointing. */
export function steps({ rows, settings: { size, batch, precision } }) {
  return table(
    [
      'Network',
      'Size, batch, precision',
      'Gradient checkpointing',
      'Peak memory',
      'Part',
      'Processor time a step',
      'Ratio',
    ],
    rows.flatMap(({ model, usual, checkpointed, relative }) =>
      [usual, checkpointed].map((each) => [
        each === usual ? model : '',
        each === usual ? `${size} px, ${batch}, ${precision}` : '',
        each === usual ? 'off' : 'on',
        `${spreadText(each.peakRssMb)} MB`,
        each === usual ? '' : ratioText(relative.peakRssMb.median),
        `${spreadText(each.cpuSeconds)} s`,
        each === usual ? '' : ratioText(relative.cpuSeconds.median),
      ]),
    ),
  );
}
