import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArmComparison, ArmScore, ConfigDifference, Summary } from '@fixres/runs';
import { describe, expect, it } from 'vitest';
import { runCli, temporaryFolder } from './run-cli.ts';
import { images, type Image, run } from './predicted-run.ts';
import { writeRun } from './run-folders.ts';

interface Compared {
  images: number;
  arms: ArmScore[];
  comparisons: ArmComparison[];
  differences: ConfigDifference[];
}

async function compared(args: readonly string[], cwd: string): Promise<Compared> {
  const { code, stdout, stderr } = await runCli(['compare', ...args, '--json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Compared;
}

describe('fixres compare', () => {
  it('compares arms of the same name image by image, in any order of the images', async () => {
    const folder = await temporaryFolder();
    await run(join(folder, 'one'), { small: [images(0, 20)], other: [images(0, 20)] });
    await run(
      join(folder, 'two'),
      { small: [images(0, 10).reverse()], other: [images(0, 19).reverse()] },
      { learningRate: 0.2 },
    );
    const {
      images: count,
      arms,
      comparisons,
      differences,
    } = await compared(['one', 'two'], folder);
    expect(count).toBe(40);
    expect(arms.map(({ label, correct, total }) => [label, correct, total])).toEqual([
      ['A small', 20, 40],
      ['A other', 20, 40],
      ['B small', 30, 40],
      ['B other', 21, 40],
    ]);
    // Wilson's interval of 20 of 40, in closed form: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 +
    // z²/n).
    const z = 1.959963984540054;
    const half = (z * Math.sqrt(0.25 / 40 + (z * z) / (4 * 40 * 40))) / (1 + (z * z) / 40);
    expect(arms[0]!.ci95[0]).toBeCloseTo(0.5 - half, 10);
    expect(arms[0]!.ci95[1]).toBeCloseTo(0.5 + half, 10);
    // Ten images favour one arm and none the other: McNemar's p is 2 / 2^10, and Holm doubles it.
    expect(comparisons.map(({ a, b }) => [a, b])).toEqual([
      ['B small', 'A small'],
      ['B other', 'A other'],
    ]);
    expect(comparisons[0]).toMatchObject({
      seeds: [0],
      difference: 0.25,
      test: 'mcnemar-exact',
      verdict: 'better',
    });
    expect(comparisons[0]!.p).toBeCloseTo(2 / 1024, 12);
    expect(comparisons[0]!.pAdjusted).toBeCloseTo(4 / 1024, 12);
    expect(comparisons[1]).toMatchObject({
      difference: 0.025,
      p: 1,
      verdict: 'not distinguishable',
    });
    expect(differences).toEqual([
      { setting: 'small.schedule.rate', values: { A: 0.1, B: 0.2 } },
      { setting: 'other.schedule.rate', values: { A: 0.1, B: 0.2 } },
    ]);

    // A family of one comparison needs no correction.
    const only = await compared(['one', 'two', '--pairs', 'B small - A small'], folder);
    expect(only.comparisons.map(({ a, b, pAdjusted }) => [a, b, pAdjusted])).toEqual([
      ['B small', 'A small', comparisons[0]!.p],
    ]);
  });

  it('compares seed by seed if the seeds match, and all pairs of arms if no name occurs twice', async () => {
    const folder = await temporaryFolder();
    await run(join(folder, 'one'), { a: [images(0, 20), images(0, 18), images(0, 22)] });
    await run(join(folder, 'two'), { b: [images(0, 10), images(0, 10), images(0, 10)] });
    const { comparisons, arms } = await compared(['one', 'two'], folder);
    expect(arms[0]).toMatchObject({ seeds: [0, 1, 2], correct: 60, total: 120 });
    expect(arms[0]!.sd).toBeCloseTo(0.05, 12);
    expect(comparisons).toHaveLength(1);
    // 10, 8 and 12 of 40 images: mean 0.25, sd 0.05; the 97.5 % quantile of Student's t with two
    // degrees of freedom is 4.302653.
    const { overSeeds, seeds } = comparisons[0]!;
    expect(seeds).toEqual([0, 1, 2]);
    expect(overSeeds.mean).toBeCloseTo(0.25, 12);
    expect(overSeeds.ci95![0]).toBeCloseTo(0.25 - (4.302652729696142 * 0.05) / Math.sqrt(3), 9);
    const { stdout } = await runCli(['compare', 'one', 'two'], { cwd: folder });
    expect(stdout).toMatch(/^B b - A a +3 +\+25\.0 +5\.0 +\+12\.6 to \+37\.4 +0\.013$/m);
  });

  it('reports the number of seeds of a comparison, and does not test over seeds that differ', async () => {
    const folder = await temporaryFolder();
    await run(
      join(folder, 'three'),
      { a: [images(0, 20), images(0, 18), images(0, 22)] },
      { heldOut: null },
    );
    await run(join(folder, 'one'), { b: [images(0, 10)] });
    const { code, stdout, stderr } = await runCli(['compare', 'three', 'one'], { cwd: folder });
    // A run of an earlier version, without digests, does not count as having other images.
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^comparison +seeds +points /m);
    expect(stdout).toMatch(/^B b - A a +1 +\+25\.0 /m);
    expect(stdout).not.toContain('Over seeds');
  });

  it('prints tables, a conclusion and the differences', async () => {
    const folder = await temporaryFolder();
    await run(join(folder, 'one'), { small: [images(0, 20)], gone: [images(0, 5)] });
    await run(join(folder, 'two'), { small: [images(0, 10)] }, { heldOut: 'two' });
    const { stdout, stderr } = await runCli(['compare', 'one', 'two'], { cwd: folder });
    expect(stderr).toBe(
      'warning: The held-out images have the same names and labels, but not the same pixels or order.\n',
    );
    expect(stdout).toMatch(/^A small +resize@32 +50\.0 % +35\.2 % to 64\.8 %$/m);
    expect(stdout).toMatch(
      /^B small - A small +\+25\.0 +\S+ to \S+ +0\.002 +[\d.]+ +B small is better than A small$/m,
    );
    expect(stdout).toMatch(/^Evaluated on the same 40 held-out images\./m);
    expect(stdout).toMatch(/^arms +small, gone +small$/m);
    expect(stdout).not.toContain('gone.');
  });

  it('compares only selected arms, and reports if there are fewer than two', async () => {
    const folder = await temporaryFolder();
    await run(join(folder, 'one'), { a: [images(0, 20)], b: [images(0, 10)], c: [images(0, 9)] });
    const pairs = async (...args: string[]): Promise<string[]> =>
      (await compared(['one', ...args], folder)).comparisons.map(({ a, b }) => `${a}-${b}`);
    expect(await pairs()).toEqual(['A b-A a', 'A c-A a', 'A c-A b']);
    expect(await pairs('--arm', 'a,c')).toEqual(['A c-A a']);
    const cases: [string[], RegExp][] = [
      [['--arm', 'd'], /^error: Option --arm is "d"; the runs have a, b, c\.$/],
      [
        ['--arm', 'a'],
        /^error: There are not two arms with predictions under their own test policies\./,
      ],
      [
        ['--test-policy', 'resize@64'],
        /^error: There are not two arms with predictions under resize@64\. Option --test-policy must be own or one of resize@32\.$/,
      ],
    ];
    for (const [args, message] of cases) {
      const { code, stdout, stderr } = await runCli(['compare', 'one', ...args], { cwd: folder });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr.trim()).toMatch(message);
    }
  });

  it.each<[string, (list: Image[]) => Image[], RegExp]>([
    [
      'other images',
      (list) => list.slice(1).concat({ file: 'a/new.jpg', label: 'a', right: true }),
      /1 of 40 held-out images of the first are not among those of the second \(a\/0\.jpg\), and 1 of 40 .* \(a\/new\.jpg\)/,
    ],
    [
      'fewer images',
      (list) => list.slice(0, 30),
      /10 of 40 held-out images of the first are not among those of the second \(a\/30\.jpg, a\/32\.jpg, a\/34\.jpg, …\)/,
    ],
    [
      'other labels',
      (list) => list.map((each, i) => (i === 3 ? { ...each, label: 'a' } : each)),
      /1 held-out image has another label, for example b\/3\.jpg: "b" and "a"/,
    ],
  ])('refuses %s', async (_, change, message) => {
    const folder = await temporaryFolder();
    await run(join(folder, 'one'), { small: [images(0, 20)] });
    await run(join(folder, 'two'), { small: [change(images(0, 10))] });
    const { code, stdout, stderr } = await runCli(['compare', 'one', 'two'], { cwd: folder });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: Runs "one" and "two" cannot be compared: .*\n$/);
    expect(stderr).toMatch(message);
  });

  it('refuses a folder that is not a run, and damaged predictions', async () => {
    const folder = await temporaryFolder();
    const nothing = await runCli(['compare', '.', '.'], { cwd: folder });
    expect({ ...nothing, stderr: '' }).toEqual({ code: 2, stdout: '', stderr: '' });
    expect(nothing.stderr).toMatch(
      /^error: "\." is not a run: its config\.json cannot be read \(.*\)\.\n$/,
    );
    await run(folder, { small: [images(0, 20)] });
    await writeRun(folder, { 'predictions/small-seed0-resize@32.jsonl': '{"file":' });
    const damaged = async (): Promise<string> =>
      (await runCli(['compare', '.', '.'], { cwd: folder })).stderr;
    expect(await damaged()).toBe(
      'error: The predictions "predictions/small-seed0-resize@32.jsonl" are damaged: it contains no predictions.\n',
    );
    const short = { file: 'a/1.jpg', label: 'a', probabilities: [1] };
    await writeRun(folder, {
      'predictions/small-seed0-resize@32.jsonl': [{ ...short, probabilities: [0.9, 0.1] }, short],
    });
    expect(await damaged()).toBe(
      'error: The predictions "predictions/small-seed0-resize@32.jsonl" are damaged: 1 of its lines are not predictions.\n',
    );
  });

  it('agrees with the comparisons in a real run', async () => {
    const folder = await temporaryFolder();
    const tiny =
      '--width 4 --small 32 --large 48 --epochs 1 --finetune-epochs 1 --limit 120 --seed-count 2 --arms small,fixres,vanilla --quiet --out run'.split(
        ' ',
      );
    expect((await runCli(['reproduce', 'synthetic', ...tiny], { cwd: folder })).code).toBe(0);
    const summary = JSON.parse(
      await readFile(join(folder, 'run', 'summary.json'), 'utf8'),
    ) as Summary;
    const { arms, comparisons } = await compared(['run'], folder);
    expect(arms.map(({ arm, correct, total, ci95 }) => ({ arm, correct, total, ci95 }))).toEqual(
      summary.arms.map(({ name, evaluations, ownEvaluation }) => {
        const { correct, total, ci95 } = evaluations[ownEvaluation]!;
        return { arm: name, correct, total, ci95 };
      }),
    );
    const own = summary.comparisons.filter((each) => each.policy === 'own');
    for (const { a, b, difference, p } of own) {
      const found = comparisons.find((each) =>
        [each.a, each.b].every((label) => [`A ${a}`, `A ${b}`].includes(label)),
      )!;
      expect(found.p).toBe(p);
      expect(found.a === `A ${a}` ? found.difference : -found.difference).toBeCloseTo(
        difference,
        12,
      );
    }
    expect(own.length).toBeGreaterThan(0);
  });
});
