import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { placeOf, relativePlace } from './relative-place.ts';

it('relativePlace stores a place relative to the export, and placeOf finds it again', () => {
  for (const [place, stored] of [
    ['photos', '../../photos'],
    ['exports/onnx/photos', 'photos'],
    ['runs/flowers/models/fixres-seed0', '../../runs/flowers/models/fixres-seed0'],
  ] as const) {
    expect(relativePlace('exports/onnx', place)).toBe(stored);
    expect(placeOf('exports/onnx', stored)).toBe(resolve(place));
  }
  for (const name of ['synthetic', 'tf_flowers']) {
    expect(relativePlace('exports/onnx', name)).toBe(name);
    expect(placeOf('exports/onnx', name)).toBe(name);
  }
  const address = 'https://example.org/photos/p.tar';
  expect(relativePlace('exports/onnx', `${address}?X-Amz-Signature=secret`)).toBe(address);
  expect(placeOf('exports/onnx', address)).toBe(address);
  // A name in S3 can contain a question mark.
  expect(relativePlace('exports/onnx', 's3://photos/p?.tar')).toBe('s3://photos/p?.tar');
  expect(placeOf('exports/onnx', resolve('/photos'))).toBe(resolve('/photos'));
});
