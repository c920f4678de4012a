import { FixresDataError } from '../../../errors.ts';
import { type ImageList, listRow, type MultiLabelReading } from '../manifest/list-row.ts';
import { listColumns } from '../manifest/list-rows.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { classLabelOf, featuresOf, listLeaf } from './parquet-columns.ts';
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
    several,
    limits,
  }: {
    where: string;
    labelKey?: string | undefined;
    groupKey?: string | undefined;
    several?: MultiLabelReading | undefined;
    limits: ReaderLimits;
  },
): Promise<ImageList> {
  const parquet = await ParquetFile.open(file);
  try {
    requireFewEntries(parquet.rows, limits, where);
    const names = parquet.schema.children.map(({ element }) => element.name);
    const columns = listColumns(names, where, { labelKey, groupKey, several });
    const read = async (column: number): Promise<unknown[]> => {
      const values: unknown[] = [];
      if (column < 0) return values;
      const { children, element } = parquet.schema.children[column]!;
      const isList = children.length > 0 || element.repetition_type === 'REPEATED';
      const path =
        isList && column === columns.label && several
          ? listLeaf(parquet.schema.children[column]!)
          : undefined;
      if (isList && path === undefined)
        throw new FixresDataError(
          'bad-layout',
          `The column "${names[column]}" of ${where} has lists or structs; expected text or whole numbers.`,
        );
      const valueOf = parquetReader(
        parquet.columnAt(path ?? [names[column]!]),
        `The column "${names[column]}" of ${where}`,
      );
      if (path !== undefined) return (await parquet.lists(path)).map((list) => list?.map(valueOf));
      for await (const page of parquet.pages([names[column]!]))
        for (const value of page.values) values.push(valueOf(value));
      return values;
    };
    const paths = await read(columns.path);
    const labels = await read(columns.label);
    const splits = await read(columns.split);
    const groups = await read(columns.group);
    const classNames = classLabelOf(featuresOf(parquet)[names[columns.label]!])?.names;
    const rows = paths.map((path, row) => {
      const place = `Row ${row} of ${where}`;
      const fields = { path, label: labels[row], split: splits[row], group: groups[row] };
      const found = listRow(row, place, fields, several);
      if (!Array.isArray(classNames)) return found;
      const nameOf = (label: string | number): string | number => {
        if (typeof label !== 'number') return label;
        const name: unknown = classNames[label];
        if (typeof name === 'string') return name;
        throw new FixresDataError(
          'bad-layout',
          `${place} has the label ${label}; the file names the classes 0 to ${classNames.length - 1}.`,
        );
      };
      if (several !== undefined) return { ...found, labels: found.labels?.map(nameOf) };
      return typeof found.label === 'number' ? { ...found, label: nameOf(found.label) } : found;
    });
    return { unit: 'Row', mayLackImages: false, isByName: false, rows };
  } finally {
    await parquet.close();
  }
}
