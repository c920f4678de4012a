import { spreadText, table } from '../docs/markdown.mjs';

/** Time of a step of each arm, alone and relative to the plain one. */
export function steps({ rows }) {
  return table(
    ['Arm', 'ms per step', 'Relative to plain', 'Waits for images', 'Reads an image, ms'],
    rows.map(({ name, msPerStep, relative, stall, msPerImageRead }) => [
      `\`${name}\``,
      spreadText(msPerStep),
      spreadText(relative, (value) => value.toFixed(2)),
      `${Math.round(100 * stall)} %`,
      String(msPerImageRead),
    ]),
  );
}
