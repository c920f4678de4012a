import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellCommand } from './shell-command.ts';

/** The words that a real shell reads from a command line. */
function wordsIn(line: string): string[] {
  const stdout = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

it('shellCommand leaves words unquoted that need no quotes', () => {
  expect(
    shellCommand([
      'fixres',
      'train',
      'photos/',
      '--image-size',
      '96',
      '--out',
      './a_b-c.d@2,e:f+g%h=i~',
    ]),
  ).toBe('fixres train photos/ --image-size 96 --out ./a_b-c.d@2,e:f+g%h=i~');
});

it('shellCommand quotes words that a shell would split or expand', () => {
  expect(shellCommand(['fixres', 'train', 'my photos', "it's", '$HOME', '~', '*', '', '#'])).toBe(
    `fixres train 'my photos' 'it'\\''s' '$HOME' '~' '*' '' '#'`,
  );
});

it('shellCommand produces a line that a shell reads as the original words, with any characters', () => {
  const characters = [
    ...Array.from({ length: 126 }, (_, i) => String.fromCharCode(i + 1)),
    'é',
    '€',
    '😀',
    '\u2028',
  ];
  const words = characters.flatMap((character) => [
    character,
    `${character}a`,
    `a${character}`,
    `a${character}b`,
    character.repeat(3),
  ]);
  expect(
    wordsIn(
      shellCommand([
        '',
        ...words,
        '$(echo no)',
        '`echo no`',
        "'\"'",
        '\\',
        '-n',
        '~/x',
        'a b\tc\nd',
      ]),
    ),
  ).toEqual(['', ...words, '$(echo no)', '`echo no`', "'\"'", '\\', '-n', '~/x', 'a b\tc\nd']);
});

describe('shellCommand on Windows', () => {
  /** The words of a command line, by the rules of Microsoft's C runtime for `argv`. */
  function argvOf(line: string): string[] {
    const words: string[] = [];
    let word: string | undefined;
    let isQuoted = false;
    for (let at = 0; at < line.length;) {
      const [slashes] = /^\\*/.exec(line.slice(at))!;
      at += slashes.length;
      const character = line[at];
      // Before a quotation mark, two backslashes are one, and a single remaining one escapes the
      // mark.
      const isMark = character === '"';
      if (slashes !== '')
        word = (word ?? '') + '\\'.repeat(isMark ? Math.floor(slashes.length / 2) : slashes.length);
      if (character === undefined) break;
      at += 1;
      if (isMark && slashes.length % 2 === 0) {
        isQuoted = !isQuoted;
        word ??= '';
      } else if (/[ \t]/.test(character) && !isQuoted) {
        if (word !== undefined) words.push(word);
        word = undefined;
      } else word = (word ?? '') + character;
    }
    return word === undefined ? words : [...words, word];
  }

  it('leaves paths unquoted, and puts words with a space or a comma in double quotes', () => {
    const words = [
      'fixres',
      'run',
      String.raw`C:\data\exp.yaml`,
      '--out',
      String.raw`C:\my runs\ `,
      '--sizes',
      '96,128',
      "it's",
    ];
    expect(shellCommand(words, 'win32')).toBe(
      String.raw`fixres run C:\data\exp.yaml --out "C:\my runs\ " --sizes "96,128" "it's"`,
    );
  });

  it('produces a line that a program reads as the original words', () => {
    const words = [
      '',
      String.raw`C:\my photos\\`,
      String.raw`a\b`,
      '"',
      String.raw`\"`,
      String.raw`a\\"b c\\`,
      "it's",
      'a b\tc',
      '#',
      '*',
      '日本',
    ];
    expect(argvOf(shellCommand(words, 'win32'))).toEqual(words);
  });
});
