import { CsvError, type CsvErrorCode, parse } from 'csv-parse/sync';
import { FixresDataError } from '../../../errors.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';

/** One record of a CSV text. */
export interface CsvRecord {
  /** The line where it starts, from 1. */
  line: number;
  fields: string[];
}

/** Where a {@link CsvError} occurred. */
interface ErrorPlace {
  empty_lines: number;
  record: string[];
}

const faults: Partial<Record<CsvErrorCode, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted field that does not end',
  INVALID_OPENING_QUOTE: 'a quote inside a field that is not quoted',
  CSV_INVALID_CLOSING_QUOTE: 'text after a quoted field',
};

/**
 * Parses a CSV table strictly (RFC 4180): commas or tabs separate fields, which can be quoted; a quote
 * inside a quoted field is doubled. Empty lines are skipped.
 *
 * @param file what the text is called in errors
 * @returns all lines, each with as many fields as the first
 * @throws FixresDataError `bad-layout` naming the line, `limit-exceeded`
 */
export function csvRecords(
  text: string,
  file: string,
  limits: ReaderLimits,
  delimiter: ',' | '\t' = ',',
): CsvRecord[] {
  const records: CsvRecord[] = [];
  let next = 1;
  /** csv-parse's own line count counts CRLF in a field twice. */
  let emptyLines = 0;
  const lineOf = ({ empty_lines: count }: { empty_lines: number }): number =>
    next + count - emptyLines;
  try {
    parse(text, {
      bom: true,
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      skip_empty_lines: true,
      on_record: (fields: string[], info) => {
        requireFewEntries(records.length, limits, file);
        const line = lineOf(info);
        records.push({ line, fields });
        next = line + lineBreaks(fields) + 1;
        emptyLines = info.empty_lines;
        return null;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const { code, empty_lines, record } = cause as CsvError & ErrorPlace;
    const line = lineOf({ empty_lines });
    throw new FixresDataError(
      'bad-layout',
      code === 'CSV_RECORD_INCONSISTENT_FIELDS_LENGTH'
        ? `Line ${line} of ${file} has ${record.length} fields; the first line has ${records[0]!.fields.length}.`
        : `${file}, line ${line} has ${faults[code] ?? `an error: ${cause.message}`}.`,
      { cause },
    );
  }
  return records;
}

function lineBreaks(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + (field.match(/\r\n?|\n/g)?.length ?? 0), 0);
}
