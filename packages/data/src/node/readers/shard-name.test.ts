import { expect, it } from 'vitest';
import { patternName, withoutShardEnding } from './shard-name.ts';

it('a pattern has the name of the text before it, or of the folder', () => {
  for (const [pattern, name] of [
    ['/photos/flowers-{000..127}.tar', 'flowers'],
    ['/photos/flowers-train-*.tar', 'flowers-train'],
    ['/photos/{train,val}.txt', 'photos'],
    ['https://example.org/photos/p_{0..9}.tar?signature=a/b', 'p'],
    ['s3://photos/{a,b}/x.tar', 'photos'],
  ] as const)
    expect(patternName(pattern.split('/'))).toBe(name);
});

it('a shard has a name without its ending', () => {
  expect(['a.tar', 'b/c.TAR.GZ', 'd.tgz', 'e.tar.zip'].map(withoutShardEnding)).toEqual([
    'a',
    'b/c',
    'd',
    'e.tar',
  ]);
});
