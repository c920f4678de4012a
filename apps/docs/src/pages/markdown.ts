import { slug } from 'github-slugger';

/** A heading of a Markdown file, and the lines from it to the next heading of its level or above. */
interface Section {
  level: number;
  title: string;
  /** Index of the heading's line. */
  start: number;
  /** Index after the last line. */
  end: number;
}

/** The headings of a Markdown text. Lines of code blocks that start with # are none. */
function sectionsOf(lines: readonly string[]): Section[] {
  let fence = '';
  const sections: Section[] = [];
  for (const [start, line] of lines.entries()) {
    const [, mark] = /^\s*(```+|~~~+)/.exec(line) ?? [];
    if (mark !== undefined && fence === '') fence = mark;
    else if (fence !== '' && line.trim() === fence) fence = '';
    const [, marks, title] = /^(#{1,6}) +(.+?)\s*$/.exec(line) ?? [];
    if (fence !== '' || marks === undefined) continue;
    for (const section of sections)
      if (section.end === lines.length && section.level >= marks.length) section.end = start;
    sections.push({ level: marks.length, title: title!, start, end: lines.length });
  }
  return sections;
}

/** The first heading of a Markdown text, without the marks of inline code. */
export function titleOf(text: string): string | undefined {
  return sectionsOf(text.split('\n'))[0]?.title.replaceAll('`', '');
}

/**
 * The text of a section, without its heading.
 *
 * @param anchor of the heading, as GitHub makes it
 * @returns undefined if no heading has it
 */
export function sectionText(text: string, anchor: string): string | undefined {
  const lines = text.split('\n');
  const section = sectionsOf(lines).find(({ title }) => slug(title) === anchor);
  return (
    section &&
    lines
      .slice(section.start + 1, section.end)
      .join('\n')
      .trim()
  );
}

/**
 * Replaces the targets of links and pictures. Code is left as it is.
 *
 * @param replace takes a target without its title
 */
export function mapLinks(text: string, replace: (target: string) => string): string {
  // Code first, so that no link is found in it: blocks, then spans.
  const parts = /^( *)(```+)[^\n]*\n.*?^\1\2$|(`+)(?!`).*?[^`]\3(?!`)|\]\(([^)\s]+)/gms;
  return text.replaceAll(parts, (whole, _indent, _fence, _ticks, target?: string) =>
    target === undefined ? whole : `](${replace(target)}`,
  );
}
