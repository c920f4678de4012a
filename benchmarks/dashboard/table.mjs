import { merged, number, spreadText, table } from '../docs/markdown.mjs';

/** Time of each request, with one build or several. */
export function answers(...results) {
  const names = results.at(-1).answers.map(({ name }) => name);
  const rows = names.flatMap((name) =>
    results.flatMap((result) => {
      const row = result.answers.find((each) => each.name === name);
      if (row === undefined) return [];
      return [
        [
          name,
          buildOf(result),
          `${number(row.bytes / 1000)} kB`,
          `${spreadText(row.firstMs)} ms`,
          `${spreadText(row.againMs)} ms`,
          `${spreadText(row.againCpuMs)} ms`,
        ],
      ];
    }),
  );
  const header = ['', '', 'Sent', 'First request', 'Later requests'];
  return table([...header, 'Processor, later requests'], merged(rows, 0));
}

/** How long the list of runs takes alone and beside slow requests. */
export function delays(...results) {
  const rows = results.at(-1).delays.flatMap(({ name }) =>
    results.map((result) => {
      const row = result.delays.find((each) => each.name === name);
      return [
        name,
        buildOf(result),
        `${spreadText(row.aloneMs)} ms`,
        `${spreadText(row.highestMs)} ms`,
        `${spreadText(row.seconds)} s`,
      ];
    }),
  );
  const header = ['Running', '', 'Idle', 'Meanwhile, slowest', 'All twenty done after'];
  return table(header, merged(rows, 0));
}

/** A result of another build was measured with `--server`. */
function buildOf({ command }) {
  return command.includes('--server') ? 'before' : 'now';
}
