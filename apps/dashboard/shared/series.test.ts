import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Series, type SeriesJson } from './series.ts';

type Test = Series<'x' | 't', 'y' | 'z'>;

function seriesOf(rows: readonly (readonly [y: number, z: number])[], maxPoints: number): Test {
  const series: Test = new Series(['x', 't'], ['y', 'z'], maxPoints);
  rows.forEach(([y, z], i) => series.add({ x: i, t: i / 4, y, z }));
  return series;
}

/** Without -0, which JSON cannot represent. */
const value = fc.oneof(
  { arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((y) => y + 0), weight: 9 },
  fc.constant(Number.NaN),
);
const rows = fc.array(fc.tuple(value, value), { maxLength: 700 });
const most = fc.constantFrom(8, 16, 64);

const isNear = (a: number, b: number): boolean =>
  (Number.isNaN(a) && Number.isNaN(b)) || Math.abs(a - b) < 1e-6;

/** All stored numbers of a value. */
function kept({ means, low, high, stride, pending, first, last }: Test, name: 'y' | 'z'): number[] {
  const inPoints = stride === 1 ? means[name] : [...low[name], ...high[name]];
  const at = name === 'y' ? 0 : 1;
  return [
    ...inPoints,
    ...[pending.low[at], pending.high[at], first?.[name], last?.[name]].filter(
      (each) => each !== undefined,
    ),
  ].filter((each) => !Number.isNaN(each));
}

describe('Series', () => {
  it('keeps rows unchanged while there are few', () => {
    const series = seriesOf(
      Array.from({ length: 7 }, (_, i) => [i * i, -i]),
      8,
    );
    expect(series).toMatchObject({
      stride: 1,
      means: { x: [0, 1, 2, 3, 4, 5, 6], y: [0, 1, 4, 9, 16, 25, 36] },
      low: { y: [] },
      pending: { count: 0 },
    });
  });

  it('never exceeds its size, and keeps both ends and the extremes of every value', () => {
    fc.assert(
      fc.property(rows, most, (given, maxPoints) => {
        for (const series of [
          seriesOf(given, maxPoints),
          seriesOf(given, 4096).reduced(maxPoints),
        ]) {
          expect(series.length * (series.stride === 1 ? 1 : 2)).toBeLessThan(maxPoints);
          if (given.length === 0) continue;
          expect([series.first, series.last]).toEqual(
            [0, given.length - 1].map((x) => ({ x, t: x / 4, y: given[x]![0], z: given[x]![1] })),
          );
          for (const [name, at] of [
            ['y', 0],
            ['z', 1],
          ] as const) {
            const known = given.map((row) => row[at]).filter((each) => !Number.isNaN(each));
            expect(Math.min(...kept(series, name))).toBe(Math.min(...known));
            expect(Math.max(...kept(series, name))).toBe(Math.max(...known));
          }
        }
      }),
    );
  });

  it('has the mean, the lowest and the highest of neighbours in each point, and accounts for every row', () => {
    fc.assert(
      fc.property(rows, most, (given, maxPoints) => {
        const series = seriesOf(given, maxPoints);
        const { stride, pending } = series;
        expect(series.length * stride + pending.count).toBe(given.length);
        for (let i = 0; i < series.length; i++) {
          const ys = given.slice(i * stride, (i + 1) * stride).map(([y]) => y);
          expect(series.means.x[i]).toBe(i * stride + (stride - 1) / 2);
          expect(isNear(series.means.y[i]!, ys.reduce((a, b) => a + b, 0) / stride)).toBe(true);
          if (stride === 1) continue;
          const known = ys.filter((y) => !Number.isNaN(y));
          expect([series.low.y[i], series.high.y[i]]).toEqual(
            known.length > 0 ? [Math.min(...known), Math.max(...known)] : [Number.NaN, Number.NaN],
          );
        }
      }),
    );
  });

  it('reduces to what it would be if grown with fewer points, and grows on in the same way', () => {
    fc.assert(
      fc.property(rows, rows, most, (given, later, maxPoints) => {
        const reduced = seriesOf(given, 4096).reduced(maxPoints);
        const travelled: Test = new Series(
          ['x', 't'],
          ['y', 'z'],
          maxPoints,
          JSON.parse(JSON.stringify(reduced)) as SeriesJson,
        );
        const whole = seriesOf(given, maxPoints);
        later.forEach(([y, z], i) => {
          for (const each of [travelled, whole])
            each.add({ x: given.length + i, t: (given.length + i) / 4, y, z });
        });
        expect(travelled.toJSON()).toMatchObject({
          stride: whole.stride,
          first: whole.first,
          last: whole.last,
          pending: { count: whole.pending.count, low: whole.pending.low, high: whole.pending.high },
        });
        expect([travelled.low, travelled.high]).toEqual([whole.low, whole.high]);
        expect(travelled.means.x).toEqual(whole.means.x);
        expect(whole.means.y.every((y, i) => isNear(travelled.means.y[i]!, y))).toBe(true);
      }),
    );
  });

  it('has every available row of a range, and one beyond each end', () => {
    fc.assert(
      fc.property(
        rows,
        fc.integer({ min: -5, max: 705 }),
        fc.integer({ min: 0, max: 300 }),
        (given, from, width) => {
          const part = seriesOf(given, 4096).reduced(4096, { axis: 'x', from, to: from + width });
          const expected = given
            .map((_, x) => x)
            .filter((x) => x >= from - 1 && x <= from + width + 1);
          // Only one beyond the end.
          expect(part.means.x.filter((x) => expected.includes(x))).toEqual(
            expected.filter((x) => part.means.x.includes(x)),
          );
          for (let x = Math.max(0, from); x <= Math.min(given.length - 1, from + width); x++)
            expect(part.means.x).toContain(x);
          expect(part.length).toBeLessThanOrEqual(width + 3);
        },
      ),
    );
    const spike = seriesOf(
      Array.from({ length: 3000 }, (_, x) => [x === 1500 ? 99 : 0, 0]),
      4096,
    ).reduced(64, { axis: 't', from: 300, to: 400 });
    expect(Math.max(...kept(spike, 'y'))).toBe(99);
    expect([spike.first?.x, spike.last?.x]).toEqual([1199, 1600]);
  });

  it('is drawn as a line with both ends and the extremes, at ascending positions, with about the maximum number of points', () => {
    fc.assert(
      fc.property(
        rows,
        most,
        fc.constantFrom('x', 't'),
        fc.constantFrom('y', 'z'),
        (given, maxPoints, axis, name) => {
          const { x, y } = seriesOf(given, maxPoints).line(name, axis);
          const known = given.map((row) => row[name === 'y' ? 0 : 1]);
          const drawn = y.filter((each) => !Number.isNaN(each));
          expect(Math.max(...drawn)).toBe(Math.max(...known.filter((each) => !Number.isNaN(each))));
          expect(Math.min(...drawn)).toBe(Math.min(...known.filter((each) => !Number.isNaN(each))));
          expect([y[0], y.at(-1)]).toEqual([known[0], known.at(-1)]);
          const scale = axis === 'x' ? 1 : 4;
          if (given.length > 0)
            expect([x[0]! * scale, x.at(-1)! * scale]).toEqual([0, given.length - 1]);
          expect(x.every((place, i) => i === 0 || place >= x[i - 1]!)).toBe(true);
          expect([x.length, y.length < maxPoints + 4]).toEqual([y.length, true]);
        },
      ),
    );
  });

  it('can be cut to its first points', () => {
    const series = seriesOf(
      Array.from({ length: 6 }, (_, i) => [i, i]),
      8,
    );
    series.cut(3);
    expect([series.means.y, series.last?.y, series.length]).toEqual([[0, 1, 2], 2, 3]);
    series.cut(0);
    expect([series.means.y, series.first, series.last]).toEqual([[], null, null]);
    series.add({ x: 9, t: 9, y: 9, z: 9 });
    expect([series.first?.y, series.last?.y]).toEqual([9, 9]);
  });
});
