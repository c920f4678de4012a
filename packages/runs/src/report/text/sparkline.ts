const LEVELS = '▁▂▃▄▅▆▇█';

/**
 * A curve in a few characters, between its own minimum and maximum. Longer curves are averaged down
 * to `width` characters.
 *
 * @param values finite numbers
 */
export function sparkline(values: readonly number[], width = 24): string {
  const points = values.length <= width ? values : averaged(values, width);
  const low = Math.min(...points);
  const span = Math.max(...points) - low;
  return points
    .map(
      (value) => LEVELS[span === 0 ? 0 : Math.round(((value - low) / span) * (LEVELS.length - 1))]!,
    )
    .join('');
}

function averaged(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const part = values.slice(
      Math.floor((i * values.length) / count),
      Math.floor(((i + 1) * values.length) / count),
    );
    return part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}
