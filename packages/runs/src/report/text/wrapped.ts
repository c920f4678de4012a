/**
 * Wraps a sentence to lines of at most `width` characters, if its words allow it; lines after the
 * first are indented by two spaces.
 */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length === 0) lines.push(word);
    else if (longer.length <= width) lines.splice(-1, 1, longer);
    else lines.push(`  ${word}`);
  }
  return lines;
}
