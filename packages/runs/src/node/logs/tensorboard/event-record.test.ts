import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  eventRecord,
  fileVersion,
  histogramContent,
  restart,
  scalarsContent,
} from './event-record.ts';

/** Records that TensorBoard's own code wrote (scripts/make-tensorboard-fixtures.py), in base64. */
const fixtures = JSON.parse(
  readFileSync(new URL('../../../fixtures/tensorboard.json', import.meta.url), 'utf8'),
) as Record<string, string>;

describe('eventRecord', () => {
  const histogram = {
    min: -1,
    max: 2.5,
    count: 4,
    sum: 3,
    sumOfSquares: 8.5,
    limits: [0, 1, 2.5],
    counts: [1, 2, 1],
  };
  it.each([
    ['version', eventRecord(1.5, 0, fileVersion)],
    ['restart', eventRecord(2.25, 300, restart)],
    [
      'scalars',
      eventRecord(
        3.125,
        70_000,
        scalarsContent({ 'train/loss': 0.1, 'speed/images_per_second': 1234.5 }),
      ),
    ],
    ['characters', eventRecord(5, 1, scalarsContent({ 'é漢😀𠮷': 1 }))],
    ['histogram', eventRecord(4, 1, histogramContent('conv1/kernel', histogram))],
  ])('writes %s byte for byte as TensorBoard does', (name, record) => {
    expect(Buffer.from(record).toString('base64')).toBe(fixtures[name]);
  });
});
