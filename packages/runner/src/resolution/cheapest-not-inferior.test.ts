import { createRandom } from '@fixres/data';
import { differenceLowerBound } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { cheapestNotInferior, type HalvedCandidate } from './cheapest-not-inferior.ts';

/** Correct on the first `right` of 400 images, with the given ones flipped. */
function candidate(
  size: number,
  [choosing, confirming]: readonly [number, number],
  flipped = 0,
): HalvedCandidate {
  const correct = (right: number): Uint8Array =>
    Uint8Array.from({ length: 400 }, (_, i) => {
      const value = i < right ? 1 : 0;
      return i >= 400 - flipped ? 1 - value : value;
    });
  return {
    key: `resize@${size}`,
    flops: size / 64,
    choosing: correct(choosing),
    confirming: correct(confirming),
  };
}

describe('cheapestNotInferior', () => {
  it('tests from the most accurate down, and stops at the first that is not shown', () => {
    const candidates = [
      candidate(32, [300, 300]),
      candidate(48, [297, 285]),
      candidate(64, [299, 299]),
      candidate(96, [300, 300]),
      candidate(128, [299, 300]),
    ];
    const { tests, chosen, leftOut } = cheapestNotInferior(candidates, 'resize@96', 0.02);
    expect(tests.map(({ key, isShown }) => [key, isShown])).toEqual([
      ['resize@96', true],
      ['resize@64', true],
      ['resize@48', false],
    ]);
    expect(chosen).toBe('resize@64');
    expect(leftOut).toEqual([]);
    // It lost 15 images to the others and won none.
    expect(tests[2]).toMatchObject({
      difference: -15 / 400,
      lowerBound: differenceLowerBound({ onlyA: 0, onlyB: 15, images: 400 }),
    });
  });

  it('leaves out what was clearly worse where it was chosen, and continues below it', () => {
    const candidates = [
      candidate(32, [299, 299]),
      candidate(48, [280, 299]),
      candidate(64, [300, 300]),
    ];
    expect(cheapestNotInferior(candidates, 'resize@64', 0.02)).toMatchObject({
      chosen: 'resize@32',
      leftOut: ['resize@48'],
    });
  });

  it('requires the most accurate candidate to hold against all, also more expensive ones', () => {
    const candidates = [candidate(64, [300, 280]), candidate(128, [299, 310])];
    const { chosen, tests } = cheapestNotInferior(candidates, 'resize@64', 0.02);
    expect(chosen).toBeNull();
    expect(tests).toMatchObject([{ against: 'resize@128', difference: -30 / 400 }]);
  });

  it('reports how many images equally good candidates need, which then suffice', () => {
    const [a, b] = [candidate(64, [300, 300]), candidate(96, [300, 300], 40)];
    const { imagesNeeded } = cheapestNotInferior([a, b], 'resize@64', 0.02).tests[0]!;
    // Formula of a one-sided paired test at 5 % with 80 % power: 2.4865^2 * psi / margin^2.
    expect(imagesNeeded).toBe(Math.ceil((2.48647486 ** 2 * 0.1) / 0.0004));
    const bound = differenceLowerBound({
      onlyA: Math.round(imagesNeeded / 20),
      onlyB: Math.round(imagesNeeded / 20),
      images: imagesNeeded,
    });
    expect(bound).toBeGreaterThan(-0.02);
  });

  it('is wrong in at most about 5 of 100 experiments, if sizes are just worse than the margin allows', () => {
    // Sizes lose three points from one to the next, and the margin is three points.
    const [images, margin] = [1500, 0.03];
    const accuracies = [0.74, 0.77, 0.8];
    let wrong = 0;
    const trials = 400;
    for (let trial = 0; trial < trials; trial++) {
      const random = createRandom(trial, 'sizes');
      const draw = (): Uint8Array[] => {
        const rows = accuracies.map(() => new Uint8Array(images));
        for (let i = 0; i < images; i++) {
          // Half of an image's difficulty is common to all sizes.
          const common = random.next();
          for (const [k, accuracy] of accuracies.entries()) {
            const u = random.next() < 0.7 ? common : random.next();
            rows[k]![i] = u < accuracy ? 1 : 0;
          }
        }
        return rows;
      };
      const [choosing, confirming] = [draw(), draw()];
      const candidates = accuracies.map((_, k) => ({
        key: String(k),
        flops: k + 1,
        choosing: choosing[k]!,
        confirming: confirming[k]!,
      }));
      const sums = choosing.map((row) => row.reduce((sum, one) => sum + one, 0));
      const best = String(sums.indexOf(Math.max(...sums)));
      const { chosen } = cheapestNotInferior(candidates, best, margin);
      if (chosen !== null && chosen !== '2') wrong++;
    }
    // In half of them, the size below the best is not tested. Standard error of the simulation: 0.008.
    expect(wrong / trials).toBeLessThan(0.05);
    expect(wrong / trials).toBeGreaterThan(0.005);
  });
});
