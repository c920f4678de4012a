import { ratioText, spreadText, table } from '../docs/markdown.mjs';
import { lineChart } from '../docs/line-chart.mjs';

/** Peak memory of each arm on all sides. */
export function arms({ sides, ratios }) {
  const names = sides[0].arms.map(({ name }) => name);
  return [
    table(
      ['Peak memory in MB', ...names],
      sides.map((side) => [
        `${side.name} (${side.version})`,
        ...side.arms.map(({ peakRssMb }) => spreadText(peakRssMb)),
      ]),
    ),
    table(
      ['fixres', 'against', 'arm', 'Part of the memory'],
      ratios.map(({ fixres, peer, arm, memory }) => [fixres, peer, arm, ratioText(memory)]),
    ),
  ].join('\n\n');
}

/** Memory over time on all sides. */
export function timeline({ sides }) {
  return lineChart(
    sides.map(({ name, timeline: { points, arms: spans } }) => ({
      title: `${name}: memory in MB`,
      x: `seconds; ${spans.map(({ name: arm, from }) => `${arm} from ${Math.round(from)}`).join(', ')}`,
      lines: [{ name, points }],
    })),
  );
}
