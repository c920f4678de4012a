import { FixresDataError } from '../../../errors.ts';
import type { CsvRecord } from './csv-records.ts';
import { labelsOfSeveral, listRow, type ListRow } from './list-row.ts';

/** An image has a label from this confidence on. Annotators give 1 or 0, classifiers any number. */
const CERTAIN = 0.5;

/** Whether the header of a table is that of Open Images' labels: `ImageID,Source,LabelName,Confidence`. */
export function isOpenImages({ fields }: CsvRecord): boolean {
  const names = fields.map((name) => name.trim().toLowerCase());
  return names.includes('imageid') && names.includes('labelname');
}

/**
 * Reads the image labels of Open Images: one line per image and label. Labels that annotators
 * rejected are ignored. A row's path is the id of the image, which is its file's name without ending.
 *
 * @param file how errors refer to the file
 * @throws FixresDataError `bad-layout` naming the line
 */
export function* openImagesRows(records: readonly CsvRecord[], file: string): Generator<ListRow> {
  const names = records[0]!.fields.map((name) => name.trim().toLowerCase());
  const [image, label, confidence] = ['imageid', 'labelname', 'confidence'].map((name) =>
    names.indexOf(name),
  ) as [number, number, number];
  const found = new Map<string, { line: number; labels: Set<string> }>();
  for (const { line, fields } of records.slice(1)) {
    const text = confidence < 0 ? '1' : fields[confidence]!.trim();
    const value = text === '' ? NaN : Number(text);
    if (!(value >= 0 && value <= 1))
      throw new FixresDataError(
        'bad-layout',
        `Line ${line} of ${file} has the confidence "${text}"; it must be a number from 0 to 1.`,
      );
    const { path } = listRow(line, `Line ${line} of ${file}`, {
      path: fields[image]!.trim(),
      label: undefined,
    });
    const known = found.get(path) ?? { line, labels: new Set() };
    found.set(path, known);
    if (value >= CERTAIN && fields[label]!.trim() !== '') known.labels.add(fields[label]!.trim());
  }
  for (const [path, { line, labels }] of found) yield { line, path, ...labelsOfSeveral(labels) };
}
