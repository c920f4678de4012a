import { rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  predictionKinds,
  predictionOrders,
  type PredictionQuery,
} from '../../shared/prediction-query.ts';
import type { PredictionRow, PredictionsAnswer } from '../../shared/protocol.ts';
import { makeRun, temporaryFolder } from '../../test/make-run.ts';
import { readLines } from '../read-lines.ts';
import { PredictionStore } from './prediction-store.ts';
import { Turns } from './turns.ts';

vi.mock('../read-lines.ts', { spy: true });

const classes = ['aster', 'daisy'];
const name = 'small-seed0-resize@64.jsonl';

interface Given {
  file: string;
  label: string;
  probabilities: number[];
}

const parsed = (body: Uint8Array | undefined): unknown =>
  JSON.parse(new TextDecoder().decode(body));
const text = (lines: readonly Given[]): string =>
  lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The expected rows, computed from arrays. */
function expectedRows(
  lines: readonly Given[],
  { kind, order, label, said, find = '' }: PredictionQuery,
): PredictionRow[] {
  const all = lines.map(({ file, label: of, probabilities }): PredictionRow => {
    const top = probabilities.map((p, i): [number, number] => [i, p]).sort((a, b) => b[1] - a[1]);
    return {
      file,
      label: classes.indexOf(of),
      top,
      labelProbability: probabilities[classes.indexOf(of)]!,
    };
  });
  const rows = all.filter((row) => {
    const right = row.top[0]![0] === row.label;
    const isKind = kind === 'all' || right === (kind === 'recognised');
    return (
      isKind &&
      (label === undefined || row.label === label) &&
      (said === undefined || row.top[0]![0] === said) &&
      row.file.toLowerCase().includes(find.toLowerCase())
    );
  });
  const by: Record<string, (row: PredictionRow) => number> = {
    'most confident first': (row) => -row.top[0]![1],
    'least confident first': (row) => row.top[0]![1],
    'least probable class first': (row) => row.labelProbability,
  };
  const value = by[order];
  return value ? rows.sort((a, b) => value(a) - value(b)) : rows;
}

describe('PredictionStore', () => {
  it('returns any page of any query like filtering and sorting all rows', async () => {
    const folder = join(await temporaryFolder(), 'run');
    await makeRun(folder);
    const line = fc.record({
      file: fc.constantFrom('A/1.jpg', 'a/2.jpg', 'b/1.jpg', 'ü.png'),
      label: fc.constantFrom(...classes),
      probabilities: fc
        .integer({ min: 0, max: 8 })
        .map((eighths) => [eighths / 8, 1 - eighths / 8]),
    });
    const lines = fc.sample(line, { numRuns: 200, seed: 7 });
    await writeFile(join(folder, 'predictions', name), text(lines));
    const store = new PredictionStore(new Turns());
    const choice = fc.option(fc.integer({ min: 0, max: 1 }), { nil: undefined });
    const query = fc.record({
      kind: fc.constantFrom(...predictionKinds),
      order: fc.constantFrom(...predictionOrders),
      label: choice,
      said: choice,
      find: fc.constantFrom('', 'a/', 'JPG', 'nowhere'),
      from: fc.integer({ min: 0, max: 210 }),
      limit: fc.integer({ min: 0, max: 60 }),
    });
    await fc.assert(
      fc.asyncProperty(query, async ({ label, said, ...rest }) => {
        const asked: PredictionQuery = {
          ...rest,
          ...(label !== undefined && { label }),
          ...(said !== undefined && { said }),
        };
        const rows = expectedRows(lines, asked);
        const page = parsed(await store.page(folder, name, asked));
        expect(page).toEqual({
          total: rows.length,
          from: asked.from,
          rows: rows.slice(asked.from, asked.from + asked.limit),
        });
      }),
    );
  });

  it('lists multi-label images by their sets of labels, and counts the exact ones', async () => {
    const folder = join(await temporaryFolder(), 'run');
    await makeRun(folder);
    const rows = [
      { file: 'a.jpg', labels: classes, exact: true, probabilities: [0.9, 0.6] },
      { file: 'b.jpg', labels: ['daisy'], exact: false, probabilities: [0.75, 0.5] },
      { file: 'c.jpg', labels: [], exact: true, probabilities: [0.125, 0.25] },
      { file: 'd.jpg', labels: ['rose'], exact: true, probabilities: [0.125, 0.25] },
      { file: 'e.jpg', labels: ['daisy'], probabilities: [0.125, 0.25] },
    ];
    const lines = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
    await writeFile(join(folder, 'predictions', name), lines);
    const store = new PredictionStore(new Turns());
    expect(parsed(await store.overview(folder, name))).toMatchObject({
      total: 3,
      damaged: 2,
      multiLabel: true,
      correct: 2,
      confusion: [],
    });
    const files = async (query: Partial<PredictionQuery>): Promise<string> => {
      const page = await store.page(folder, name, {
        ...{ kind: 'all', order: 'as in the file', from: 0, limit: 9 },
        ...query,
      });
      return (parsed(page) as { rows: PredictionRow[] }).rows.map(({ file }) => file[0]).join('');
    };
    expect(await files({ label: 1 })).toBe('ab');
    expect(await files({ label: 0 })).toBe('a');
    expect(await files({ kind: 'mistakes' })).toBe('b');
    expect(await files({ kind: 'recognised' })).toBe('ac');
    expect(await files({ order: 'least probable class first' })).toBe('bac');
    const page = await store.page(folder, name, {
      ...{ kind: 'all', order: 'as in the file', from: 1, limit: 1 },
    });
    expect((parsed(page) as { rows: PredictionRow[] }).rows).toEqual([
      {
        file: 'b.jpg',
        label: 1,
        labels: { all: [1], exact: false },
        top: [
          [0, 0.75],
          [1, 0.5],
        ],
        labelProbability: 0.5,
      },
    ]);
  });

  it('reads a file once for all requests, until it changes', async () => {
    const folder = join(await temporaryFolder(), 'run');
    await makeRun(folder);
    const path = join(folder, 'predictions', name);
    const row = (file: string): Given => ({ file, label: 'aster', probabilities: [0.25, 0.75] });
    await writeFile(path, text([row('a.jpg'), row('b.jpg')]));
    const store = new PredictionStore(new Turns());
    // A run's classes are read each time: they are one line of its log.
    const readings = (): number =>
      vi.mocked(readLines).mock.calls.filter(([, { unfinished }]) => unfinished).length;
    vi.mocked(readLines).mockClear();
    const total = async (): Promise<number> =>
      (parsed(await store.overview(folder, name)) as PredictionsAnswer).total;
    expect(await Promise.all(Array.from({ length: 20 }, total))).toEqual(new Array(20).fill(2));
    expect([
      await store.isPredicted(folder, name, 'a.jpg'),
      await store.isPredicted(folder, name, 'c.jpg'),
      await store.predictedImages(folder, name, 1),
    ]).toEqual([true, false, ['a.jpg']]);
    expect(readings()).toBe(1);

    const changes: [readings: number, total: number, change: () => Promise<unknown>][] = [
      [2, 3, () => writeFile(path, text([row('a.jpg'), row('b.jpg'), row('c.jpg')]))],
      [3, 1, () => writeFile(path, text([row('d.jpg')]))],
      // With the same size and time.
      [
        4,
        1,
        async () => {
          await writeFile(join(folder, 'new'), text([row('e.jpg')]));
          await utimes(join(folder, 'new'), 1, 1);
          await rename(join(folder, 'new'), path);
        },
      ],
      [
        5,
        1,
        async () => {
          await writeFile(path, text([row('f.jpg')]));
          await utimes(path, 1, 1);
        },
      ],
    ];
    for (const [count, images, change] of changes) {
      await change();
      expect([await total(), await total(), readings()]).toEqual([images, images, count]);
    }
    expect(await store.predictedImages(folder, name, 9)).toEqual(['f.jpg']);
    await rm(path);
    expect([
      await store.overview(folder, name),
      await store.isPredicted(folder, name, 'f.jpg'),
    ]).toEqual([undefined, false]);
  });
});
