import { describe, expect, it } from 'vitest';
import { mapLinks, sectionText, titleOf } from './markdown.ts';

const text = `# The \`first\` title

Intro.

## Two words

Text.

\`\`\`sh
# not a heading
\`\`\`

### Inside

More.

## Last: \`a b\`

End.
`;

describe('sections', () => {
  it('are found by the anchor that GitHub gives their heading', () => {
    expect(sectionText(text, 'last-a-b')).toBe('End.');
    expect(sectionText(text, 'not-a-heading')).toBeUndefined();
  });

  it('end before the next heading of their level, with those inside and lines of code', () => {
    expect(sectionText(text, 'two-words')).toBe(
      'Text.\n\n```sh\n# not a heading\n```\n\n### Inside\n\nMore.',
    );
  });

  it('the first heading is the title', () => {
    expect(titleOf(text)).toBe('The first title');
    expect(titleOf('no heading')).toBeUndefined();
  });
});

describe('links', () => {
  const seen = (markdown: string): string[] => {
    const targets: string[] = [];
    mapLinks(markdown, (target) => {
      targets.push(target);
      return target;
    });
    return targets;
  };

  it('are found beside code, in tables and pictures, and with titles', () => {
    expect(seen('[`a`](b.md) ![c](d.png) | [e](f.md#g "title") | `x`')).toEqual([
      'b.md',
      'd.png',
      'f.md#g',
    ]);
  });

  it('are not looked for in code', () => {
    expect(seen('`[a](b)` ``[c](`d`)``\n```md\n[e](f)\n```\n  ```\n  [g](h)\n  ```\n')).toEqual([]);
  });

  it('are replaced, and everything else stays', () => {
    expect(mapLinks('a [b](c) `[d](e)` [f](g "h").', (target) => `/${target}`)).toBe(
      'a [b](/c) `[d](e)` [f](/g "h").',
    );
  });
});
