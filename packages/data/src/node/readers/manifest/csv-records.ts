/** One record of a CSV text. */
export interface CsvRecord {
  /** Line on which it starts, from 1. */
  line: number;
  fields: string[];
}

/**
 * Parses CSV strictly (RFC 4180): fields are separated by commas and may be quoted; a quote inside a quoted field is doubled. Lines
 * end in LF or CRLF. Empty lines are passed over.
 *
 * @throws SyntaxError naming the line
 */
export function* csvRecords(text: string): Generator<CsvRecord> {
  let position = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  while (position < text.length) {
    const record: CsvRecord = { line, fields: [] };
    for (;;) {
      let end: number;
      if (text[position] === '"') {
        const quoted = quotedField(text, position, record.line);
        record.fields.push(quoted.value);
        line += quoted.lines;
        end = quoted.end;
      } else {
        end = position;
        while (end < text.length && text[end] !== ',' && text[end] !== '\n') end += 1;
        const field = text.slice(position, end).replace(/\r$/, '');
        if (field.includes('"'))
          throw new SyntaxError(`line ${line} has a quote inside a field that is not quoted`);
        record.fields.push(field);
      }
      position = end + 1;
      if (text[end] !== ',') break;
    }
    line += 1;
    if (record.fields.length > 1 || record.fields[0] !== '') yield record;
  }
}

/** `end` is the place of the comma or line feed behind the field, or the end of the text. */
function quotedField(
  text: string,
  start: number,
  line: number,
): { value: string; end: number; lines: number } {
  let value = '';
  let from = start + 1;
  for (;;) {
    const quote = text.indexOf('"', from);
    if (quote === -1) throw new SyntaxError(`line ${line} has a quoted field that does not end`);
    value += text.slice(from, quote);
    if (text[quote + 1] === '"') {
      value += '"';
      from = quote + 2;
      continue;
    }
    const end = text[quote + 1] === '\r' && text[quote + 2] === '\n' ? quote + 2 : quote + 1;
    const next = text[end];
    if (next !== undefined && next !== ',' && next !== '\n')
      throw new SyntaxError(`line ${line} has text after a quoted field`);
    return { value, end, lines: value.split('\n').length - 1 };
  }
}
