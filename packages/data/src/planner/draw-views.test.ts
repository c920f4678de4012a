import { expect, it } from 'vitest';
import { fixresFinetune, resize, resizeFlip } from '../policies/keras-fixres.ts';
import { shiftedCrop } from '../policies/fixres-authors.ts';
import { makePolicy } from '../policies/make-policy.ts';
import { magnification, stretch } from '../geometry/view.ts';
import { randomResizedCrop } from '../policies/torchvision-crops.ts';
import { viewOf } from '../policies/policy.ts';
import { createRandom } from '../rng.ts';
import { drawViews } from './draw-views.ts';

const images = [
  { width: 300, height: 200 },
  { width: 200, height: 300 },
];

it.each([
  ['a policy that always shows the same view', resize(64)],
  ['a random policy', randomResizedCrop(64)],
])('draws the views that %s has of each image', (_, policy) => {
  const draw = drawViews(policy);
  const [random, same] = [createRandom(0, 'views'), createRandom(0, 'views')];
  // Consecutive calls with one image, then with another, then with the first again.
  for (const i of [0, 0, 1, 1, 0])
    expect(draw(images[i]!, random)).toEqual(viewOf(policy, images[i]!, same));
});

it('draws views of the same size, not shifted, of a policy that only shifts and mirrors at random', () => {
  const padded = makePolicy('padded', 320, [
    { op: 'shiftedCenterCrop', width: 320, height: 320, pad: [0, 0, 0] },
  ]);
  for (const [policy, image] of [
    [shiftedCrop(64), images[0]!],
    [padded, images[0]!],
    [padded, images[1]!],
  ] as const) {
    const draw = drawViews(policy);
    const random = createRandom(0, 'views');
    for (let i = 0; i < 20; i++) {
      const [drawn, exact] = [draw(image, random), viewOf(policy, image, random)];
      const { flip, window } = exact;
      expect({ ...drawn, flip, window: { ...drawn.window, x: window.x } }).toEqual(exact);
      expect(magnification(drawn)).toBe(magnification(exact));
      expect(stretch(drawn)).toBe(stretch(exact));
    }
  }
});

it('draws views of the same part and size of an image, mirrored or not, of a policy that only mirrors at random', () => {
  for (const policy of [resizeFlip(64), fixresFinetune({ trainSize: 32, size: 48 })]) {
    const draw = drawViews(policy);
    const [random, same] = [createRandom(0, 'views'), createRandom(0, 'views')];
    for (let i = 0; i < 20; i++) {
      const [drawn, exact] = [draw(images[0]!, random), viewOf(policy, images[0]!, same)];
      expect({ ...drawn, flip: exact.flip }).toEqual(exact);
      expect(magnification(drawn)).toBe(magnification(exact));
    }
  }
});
