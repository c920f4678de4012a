import { describe, expect, it } from 'vitest';
import { armClass, armDash, armMarker } from './arm-marker.ts';
import { STYLE } from '../page/style.ts';

const ARMS = 24;
const shapeOf = (index: number): string => / d="([^"]+)"/.exec(armMarker(index, 0, 0).markup)![1]!;
const arms = Array.from({ length: ARMS }, (_, i) => ({
  colour: armClass(i),
  shape: shapeOf(i),
  dash: armDash(i),
}));
const different = (marks: readonly string[]): number => new Set(marks).size;

/** Place of a colour in Oklab, where distances are as large as they look. https://bottosson.github.io/posts/oklab/ */
function oklab(hex: string): [number, number, number] {
  const [r, g, b] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

describe('marks of arms', () => {
  it('have their own shape and colour for the first seven', () => {
    expect(different(arms.slice(0, 7).map(({ colour }) => colour))).toBe(7);
    expect(different(arms.slice(0, 7).map(({ shape }) => shape))).toBe(7);
  });

  it('have a unique pair of colour and shape', () => {
    expect(different(arms.map(({ colour, shape }) => `${colour} ${shape}`))).toBe(ARMS);
  });

  it('distinguish arms without colour, and lines without marks', () => {
    expect(different(arms.map(({ shape, dash }) => `${shape} ${dash}`))).toBe(ARMS);
    expect(different(arms.map(({ colour, dash }) => `${colour} ${dash}`))).toBe(ARMS);
  });

  it.each([
    ['light', 0],
    ['dark', 1],
  ] as const)('have colours that look different in the %s scheme', (_, scheme) => {
    const colours = Array.from(
      { length: 7 },
      (_, i) => [...STYLE.matchAll(new RegExp(`--arm-${i}: (#[0-9a-f]{6})`, 'g'))][scheme]![1]!,
    ).map(oklab);
    for (const [i, a] of colours.entries()) {
      for (const b of colours.slice(0, i))
        expect(Math.hypot(...a.map((value, axis) => value - b[axis]!))).toBeGreaterThan(0.09);
    }
  });
});
