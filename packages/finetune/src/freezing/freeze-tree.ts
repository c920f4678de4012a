import type { FreezePolicy, LayerMode } from './freeze-policy.ts';

/** The effect of a policy on one layer. Plain data. */
export interface LayerPlan {
  /** The layer's name, prefixed by the names of its enclosing nested models: `trunk/conv1`. */
  readonly path: string;
  readonly className: string;
  /**
   * The effective mode: `freeze` for a layer without running statistics in mode `statistics-only`
   * or `recalibrate`.
   */
  readonly mode: LayerMode;
  /** Count of numbers in its weights: kernels, biases, gamma, beta. */
  readonly parameters: number;
  /** Count of numbers in its running statistics. */
  readonly statistics: number;
}

/** Counts of numbers (not variables) by mode; they add up to `total`. */
export interface ParameterCounts {
  readonly trainable: number;
  readonly moving: number;
  readonly frozen: number;
  readonly total: number;
}

/** The part of a handle that is printed. */
export interface FreezeTree {
  readonly model: { readonly name: string };
  readonly policy: FreezePolicy;
  readonly layers: readonly LayerPlan[];
  readonly counts: ParameterCounts;
}

/**
 * One line of totals, then one line per layer with variables, indented by nesting: mode, name,
 * class, parameters, statistics.
 */
export function formatFreezeTree({ model, policy, layers, counts }: FreezeTree): string {
  const rows: string[][] = [];
  let open: readonly string[] = [];
  for (const { path, className, mode, parameters, statistics } of layers) {
    if (parameters + statistics === 0) continue;
    const around = path.split('/').slice(0, -1);
    const shared = around.findIndex((name, depth) => name !== open[depth]);
    const known = shared === -1 ? around.length : shared;
    for (let depth = known; depth < around.length; depth++) {
      rows.push(['', `${indent(depth)}${around[depth] ?? ''}/`, '', '', '']);
    }
    open = around;
    const name = `${indent(around.length)}${path.slice(path.lastIndexOf('/') + 1)}`;
    const kept = statistics === 0 ? '' : `+ ${number(statistics)} statistics`;
    rows.push([mode, name, className, number(parameters), kept]);
  }
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 3 ? cell.padStart(widths[3] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const { trainable, moving, frozen, total } = counts;
  const sums = `${number(trainable)} of ${number(total)} parameters train, ${number(moving)} statistics move`;
  return [`${policy.name} on ${model.name}: ${sums}, ${number(frozen)} frozen`, ...lines].join(
    '\n',
  );
}

function indent(depth: number): string {
  return '  '.repeat(depth);
}

/** With commas between thousands, on every machine. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',');
}
