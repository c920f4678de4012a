import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { PowerPlan } from '../src/power/plan-power.ts';
import { type Image, run } from './predicted-run.ts';
import { runCli, temporaryFolder } from './run-cli.ts';

/** 100 images, of which those in the list are misclassified. */
const without = (...wrong: number[]): Image[] =>
  Array.from({ length: 100 }, (_, i) => ({
    file: `${i % 2 ? 'b' : 'a'}/${i}.jpg`,
    label: i % 2 ? 'b' : 'a',
    right: !wrong.includes(i),
  }));

async function planned(args: readonly string[], cwd: string): Promise<PowerPlan> {
  const { code, stdout, stderr } = await runCli(['power', ...args, '--json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as PowerPlan;
}

it('fixres power plans from an assumed discordance', async () => {
  const args = ['--discordance', '0.2', '--difference', '3', '--images', '500,1750'];
  const { plans, needed } = await planned([...args, '--seed-counts', '1'], '.');
  // Connor's formula without correction for continuity: 1741 images.
  expect(needed[0]!.images! / 1741).toBeCloseTo(1.04, 1);
  expect(plans.map(({ images, power }) => [images, power! > 0.77])).toEqual([
    [500, false],
    [1750, true],
  ]);
  const { stdout } = await runCli(['power', ...args, '--comparisons', '6']);
  expect(stdout).toMatch(/^Only one arm is correct on 20\.0 % of the images\./);
  expect(stdout).toMatch(/\n +1 +500 +\d\.\d points +\d+ %\n/);
  expect(stdout).toContain('as the strongest of 6 comparisons (Holm)');
});

it('fixres power measures the variation in a run', async () => {
  const folder = await temporaryFolder();
  // In each seed ten images differ: five the same in all seeds, five others.
  await run(join(folder, 'seeds'), {
    small: [without(0, 1, 2, 3, 4, 10, 11, 12), without(0, 1, 2, 3, 4, 20, 21, 22)],
    fixres: [without(50, 51), without(60, 61)],
  });
  const args = ['seeds', '--arms', 'fixres,small', '--difference', '5'];
  const { observed, assumed, plans, needed } = await planned(args, folder);
  expect(observed).toMatchObject({
    a: 'fixres',
    b: 'small',
    images: 100,
    seeds: [0, 1],
    difference: expect.closeTo(0.06, 12) as number,
    discordance: expect.closeTo(0.1, 12) as number,
  });
  expect(assumed.seedDeviation).toBe(0);
  expect(assumed.variance.overImages).toBeGreaterThan(0.03);
  // Other images differ with each seed, so more seeds help.
  expect(plans[4]!.power).toBeGreaterThan(plans[1]!.power! + 0.05);
  expect(needed[4]!.images).toBeLessThan(needed[1]!.images!);
  const { stdout } = await runCli(['power', ...args], { cwd: folder });
  expect(stdout).toContain(
    'fixres and small of seeds, under their own test policies: +6.0 points, 100 held-out images, 2 seeds.',
  );
  const once = { small: [without(0, 1, 2)], fixres: [without(3)] };
  await run(join(folder, 'once'), once);
  const single = await planned(['once', '--arms', 'fixres,small'], folder);
  expect(single).toMatchObject({ observed: { variance: null }, assumed: { seedDeviation: null } });
});

it.each([
  [[], /^error: Without a run, --discordance is needed/],
  [['--discordance', '0.2'], /^error: Without a run, --images or --difference is needed\.$/],
  [['run', '--discordance', '0.2'], /^error: Option --discordance is for plans without a run/],
  [['run', '--arms', 'small'], /^error: Option --arms is "small"; it must be two arms/],
  [
    ['run', '--arms', 'small,large'],
    /^error: Run "run" has no predictions of "large" under .*; it has small, fixres\.$/,
  ],
  [
    ['run', '--arms', 'small,fixres', '--test-policy', 'x@1'],
    /^error: Run "run" has no predictions of "small" under the test policy "x@1"; it has none\.$/,
  ],
  [['run'], /^error: Run "run" compares no arms; choose two with --arms\. It has small, fixres\.$/],
  [
    ['run', '--arms', 'small,small'],
    /^error: Option --arms is "small,small"; it must be two different arms\.$/,
  ],
  [
    ['--discordance', '0.2', '--difference', '3', '--test-policy', 'own'],
    /^error: Option --test-policy is "own", but there is no run\.$/,
  ],
  [
    ['--discordance', '0.01', '--difference', '3'],
    /^error: Option --difference is 3 points, but --discordance is 0\.01: .* differ by at most that\.$/,
  ],
  [['nowhere'], /^error: .*nowhere/],
])('fixres power %j is refused', async (args, message) => {
  const folder = await temporaryFolder();
  await run(join(folder, 'run'), { small: [without(0)], fixres: [without(1)] });
  const { code, stdout, stderr } = await runCli(['power', ...args], { cwd: folder });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim()).toMatch(message);
});
