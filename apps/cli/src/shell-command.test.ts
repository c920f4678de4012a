import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { shellCommand } from './shell-command.ts';

/** What a real shell makes of a command line. */
function wordsIn(line: string): string[] {
  const stdout = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

it('leaves alone what needs no quotes', () => {
  expect(shellCommand(['fixres', 'train', 'photos/', '--size', '96', '--out', './a_b-c.d@2,e:f+g%h=i~'])).toBe('fixres train photos/ --size 96 --out ./a_b-c.d@2,e:f+g%h=i~');
});

it('quotes what a shell would take apart or put something in the place of', () => {
  expect(shellCommand(['fixres', 'train', 'my photos', "it's", '$HOME', '~', '*', '', '#'])).toBe(`fixres train 'my photos' 'it'\\''s' '$HOME' '~' '*' '' '#'`);
});

it('is read by a shell as the words that it was made of, whatever characters they have', () => {
  const characters = [...Array.from({ length: 126 }, (_, i) => String.fromCharCode(i + 1)), 'é', '€', '😀', '\u2028'];
  const words = characters.flatMap((character) => [character, `${character}a`, `a${character}`, `a${character}b`, character.repeat(3)]);
  expect(wordsIn(shellCommand(['', ...words, '$(echo no)', '`echo no`', "'\"'", '\\', '-n', '~/x', 'a b\tc\nd']))).toEqual(['', ...words, '$(echo no)', '`echo no`', "'\"'", '\\', '-n', '~/x', 'a b\tc\nd']);
});
