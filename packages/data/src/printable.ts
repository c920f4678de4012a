/**
 * Text of a file or file name with its control characters escaped, as JSON does (`\n`, `\u001b`), so
 * that it stays on one line and cannot control a terminal.
 */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (character) => {
    const code = character.codePointAt(0)!;
    return { 9: '\\t', 10: '\\n', 13: '\\r' }[code] ?? `\\u${code.toString(16).padStart(4, '0')}`;
  });
}
