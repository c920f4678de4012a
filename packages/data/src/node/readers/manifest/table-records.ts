import { FixresDataError } from '../../../errors.ts';
import { endOfImagePath, hasImageEnding } from '../../decode/image-endings.ts';
import { type ReaderLimits, requireFewEntries } from '../reader-limits.ts';
import { type CsvRecord, csvRecords } from './csv-records.ts';

/**
 * Splits the lines of a table at commas, tabs or spaces. What follows the first image ending of the
 * first line separates the fields; otherwise a tab or comma there, else spaces. Fields can be quoted
 * between commas and tabs. Between spaces, a line has two fields: a path, which ends at the first
 * image ending that a space follows, or at the last space, and the rest.
 *
 * @throws FixresDataError `bad-layout` naming the line, `limit-exceeded`
 */
export function tableRecords(text: string, file: string, limits: ReaderLimits): CsvRecord[] {
  const first = /[^\s\ufeff][^\r\n]*/.exec(text)?.[0] ?? '';
  const other = otherSeparator(first);
  if (other !== undefined)
    throw new FixresDataError(
      'bad-layout',
      `${file} separates fields by ${other}, as in "${first.slice(0, 60)}"; expected commas, tabs or spaces.`,
    );
  const separator = separatorOf(first);
  return separator === ' '
    ? spacedRecords(text, file, limits)
    : csvRecords(text, file, limits, separator);
}

function separatorOf(line: string): ' ' | ',' | '\t' {
  const end = endOfImagePath(line);
  if (end !== -1) return line[end] as ' ' | ',' | '\t';
  return line.includes('\t') ? '\t' : line.includes(',') ? ',' : ' ';
}

/** A separator that is not read, in a line that has no other, or none before it. */
function otherSeparator(line: string): string | undefined {
  const [, before, separator] = /^([^;|]*)([;|])/.exec(line) ?? [];
  if (before === undefined || /[,\t]/.test(before) || endOfImagePath(line) !== -1) return undefined;
  if (!hasImageEnding(before) && /\s/.test(line)) return undefined;
  return separator === ';' ? 'semicolons' : 'vertical bars';
}

function spacedRecords(text: string, file: string, limits: ReaderLimits): CsvRecord[] {
  const records: CsvRecord[] = [];
  for (const [i, content] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .entries()) {
    const line = content.trim();
    if (line === '') continue;
    const end = endOfImagePath(line);
    const gap = end === -1 || line[end] === ',' ? lastSpace(line) : end;
    if (gap === -1 && records.length > 0)
      throw new FixresDataError(
        'bad-layout',
        `Line ${i + 1} of ${file} is "${line.slice(0, 60)}"; expected a path and a label.`,
      );
    const fields =
      gap === -1 ? [line] : [line.slice(0, gap).trimEnd(), line.slice(gap).trimStart()];
    records.push({ line: i + 1, fields });
    requireFewEntries(records.length, limits, file);
  }
  return records;
}

function lastSpace(line: string): number {
  return Math.max(line.lastIndexOf(' '), line.lastIndexOf('\t'));
}
