import { FixresDataError } from '../../../errors.ts';
import { asObject } from '../../files/small-file.ts';
import { type ImageList, listRow } from '../manifest/list-row.ts';
import { listColumns } from '../manifest/list-rows.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { featuresOf } from './parquet-columns.ts';
import { ParquetFile } from './parquet-file.ts';
import { parquetReader } from './parquet-value.ts';

/**
 * Reads a list of images from a Parquet file: columns as in a table with a header. Numbers in a
 * `ClassLabel` of the Hugging Face library become the names of their classes.
 *
 * @param where how errors refer to the file
 * @throws FixresDataError `bad-layout` naming the row, or the existing columns if none contains the
 * label; `limit-exceeded`, `damaged-archive`
 */
export async function parquetList(
  file: string,
  {
    where,
    labelKey,
    groupKey,
    limits,
  }: {
    where: string;
    labelKey?: string | undefined;
    groupKey?: string | undefined;
    limits: ReaderLimits;
  },
): Promise<ImageList> {
  const parquet = await ParquetFile.open(file);
  try {
    requireFewEntries(parquet.rows, limits, where);
    const names = parquet.schema.children.map(({ element }) => element.name);
    const columns = listColumns(names, where, { labelKey, groupKey });
    const read = async (column: number): Promise<unknown[]> => {
      const values: unknown[] = [];
      if (column < 0) return values;
      if (parquet.schema.children[column]!.children.length > 0)
        throw new FixresDataError(
          'bad-layout',
          `The column "${names[column]}" of ${where} has lists or structs; expected text or whole numbers.`,
        );
      const valueOf = parquetReader(
        parquet.schema.children[column]!.element,
        `The column "${names[column]}" of ${where}`,
      );
      for await (const page of parquet.pages([names[column]!]))
        for (const value of page.values) values.push(valueOf(value));
      return values;
    };
    const paths = await read(columns.path);
    const labels = await read(columns.label);
    const splits = await read(columns.split);
    const groups = await read(columns.group);
    const classNames = asObject(featuresOf(parquet)[names[columns.label]!])?.names;
    const rows = paths.map((path, row) => {
      const found = listRow(row, `Row ${row} of ${where}`, {
        path,
        label: labels[row],
        split: splits[row],
        group: groups[row],
      });
      if (!Array.isArray(classNames) || typeof found.label !== 'number') return found;
      const name: unknown = classNames[found.label];
      if (typeof name === 'string') return { ...found, label: name };
      throw new FixresDataError(
        'bad-layout',
        `Row ${row} of ${where} has the label ${found.label}; the file names the classes 0 to ${classNames.length - 1}.`,
      );
    });
    return { unit: 'Row', mayLackImages: false, isByName: false, rows };
  } finally {
    await parquet.close();
  }
}
