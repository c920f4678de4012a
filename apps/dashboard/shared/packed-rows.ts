import type { ConfigValue } from '@fixres/runs/events';
import type { PackedRow, RunRow } from './protocol.ts';

type Config = Record<string, ConfigValue>;

/**
 * Packs rows as differences, because the runs of a sweep differ in only a few of dozens of
 * settings. {@link unpackRows} reverses it.
 */
export function packRows(rows: readonly RunRow[]): { common: Config; rows: PackedRow[] } {
  const common = rows[0]?.config ?? {};
  const packed = rows.map((row): PackedRow => {
    const config = Object.fromEntries(
      Object.entries(row.config).filter(
        ([key, value]) => !Object.hasOwn(common, key) || common[key] !== value,
      ),
    );
    const without = Object.keys(common).filter((key) => !Object.hasOwn(row.config, key));
    return { ...row, config, ...(without.length > 0 && { without }) };
  });
  return { common, rows: packed };
}

export function unpackRows({
  common,
  rows,
}: {
  common: Config;
  rows: readonly PackedRow[];
}): RunRow[] {
  return rows.map(({ without = [], ...row }) => ({
    ...row,
    config: {
      ...Object.fromEntries(Object.entries(common).filter(([key]) => !without.includes(key))),
      ...row.config,
    },
  }));
}
