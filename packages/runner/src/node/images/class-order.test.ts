import type { ImageDataset } from '@fixres/data/node';
import { expect, it } from 'vitest';
import { inOrderOfTraining } from './class-order.ts';

const dataset = {
  name: 'photos',
  format: 'class-folders',
  classNames: ['1', '2', '10'],
  examples: [0, 1, 2].map((label) => ({ id: `${label}.png`, label })),
} as unknown as ImageDataset;

function ordered(classNames: readonly string[] | undefined): { labels: string[]; notes: string[] } {
  const notes: string[] = [];
  const { classNames: names, examples } = inOrderOfTraining(dataset, classNames, {
    note: (text) => void notes.push(text),
  });
  return { labels: examples.map(({ label }) => `${label} ${names[label]}`), notes };
}

it('inOrderOfTraining reorders classes by name and reports it', () => {
  expect(ordered(['1', '10', '2'])).toEqual({
    labels: ['0 1', '2 2', '1 10'],
    notes: ['The classes keep the order that they had in training: 1, 10, 2.'],
  });
});

it.each([[undefined], [['1', '2', '10']], [['1', '2']], [['1', '2', '3']]])(
  'inOrderOfTraining keeps the data set unchanged for %j',
  (classNames) => {
    expect(ordered(classNames)).toEqual({ labels: ['0 1', '1 2', '2 10'], notes: [] });
  },
);
