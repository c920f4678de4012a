import { expect, it } from 'vitest';
import { DataList, dataDifference, firstDifferentBlock } from './data-facts.ts';

type Image = [id: string, label: number, bytes: number];

const classNames = ['daisy', 'rose'];
const images = Array.from({ length: 3000 }, (_, i): Image => [`${i}.jpg`, i % 2, 1000 + i]);

function listOf(all: readonly Image[]): DataList {
  const examples = all.map(([id, label, length]) => ({
    id,
    label,
    source: { file: id, start: 0, length, compression: 'none' as const, inflatedLength: length },
  }));
  return new DataList({ examples, classNames });
}

it.each<[string, readonly Image[], string | undefined]>([
  ['equal images', images, undefined],
  [
    'other bytes',
    images.with(2500, ['2500.jpg', 0, 7]),
    'Image "2500.jpg" of process 1 has 7 bytes, and that of process 0 3500.',
  ],
  [
    'another class',
    images.with(1024, ['1024.jpg', 1, 2024]),
    'Image "1024.jpg" of process 1 has the class rose, and that of process 0 daisy.',
  ],
  [
    'one image less',
    images.toSpliced(1500, 1),
    'Process 1 does not have the image "1500.jpg" of process 0.',
  ],
  [
    'one image less at the end',
    images.slice(0, -1),
    'Process 1 does not have the image "2999.jpg" of process 0.',
  ],
  [
    'one image more',
    images.toSpliced(3, 0, ['new.jpg', 0, 1]),
    'Process 1 has the image "new.jpg", which process 0 does not have there.',
  ],
  ['no image', [], 'Process 1 does not have the image "0.jpg" of process 0.'],
])('finds %s', (_, other, expected) => {
  const [first, own] = [listOf(images), listOf(other)];
  expect(own.facts.digest === first.facts.digest).toBe(expected === undefined);
  const block = firstDifferentBlock(own.blocks(), first.blocks());
  const text =
    block === undefined
      ? undefined
      : dataDifference(
          { who: 'process 1', lines: own.linesOf(block) },
          { who: 'process 0', lines: first.linesOf(block) },
        );
  expect(text).toBe(expected);
});
