import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Experiment, Summary } from '@fixres/runs';
import { beforeAll, expect, it } from 'vitest';
import { runCli, suiteFolder } from './run-cli.ts';
import { tinyExperiment, writeExperiment, writeTinyPhotos } from './tiny-experiment.ts';
import { whenSaid } from './when-said.ts';

const [base, tuned] = tinyExperiment.arms as [
  (typeof tinyExperiment.arms)[number],
  (typeof tinyExperiment.arms)[number],
];
const equal = {
  name: 'equal',
  trainPolicy: { policy: 'sampledBoundingBoxCrop', size: 48 },
  testPolicy: { policy: 'resize', size: 48 },
  cost: { equalTo: 'tuned' },
  schedule: base.schedule,
};
// Early stopping would cost less than estimated.
const finetuned = { ...tuned, earlyStopping: undefined };

let folder: string;
beforeAll(async () => {
  folder = await suiteFolder();
  await writeTinyPhotos(folder);
});

async function summaryOf(run: string): Promise<Summary> {
  return JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')) as Summary;
}

it('gives an arm as many steps as the training compute of another allows, reports this everywhere, and keeps them when resumed', async () => {
  const file = await writeExperiment(folder, 'equal', {
    ...tinyExperiment,
    arms: [base, finetuned, equal],
    checkpoint: { everySeconds: 0.02 },
  });
  const out = join(folder, 'whole');
  const { code, stdout, stderr } = await runCli(['run', file, '--out', out]);
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^Cost: {3}equal trains for \d+ steps \(\d\.\d\d epochs\), which take as much training compute as tuned$/m,
    ) as string,
  });

  const { arms, dataset } = await summaryOf(out);
  const [before, own, whole] = arms.map(({ trainMultiplyAdds }) => trainMultiplyAdds!) as [
    number,
    number,
    number,
  ];
  const { steps = NaN, epochs, equalCost } = arms[2]!;
  expect(equalCost).toBe('tuned');
  const stepsPerEpoch = Math.ceil(dataset.train / 6);
  expect(epochs).toBe(Math.ceil(steps / stepsPerEpoch));
  expect(whole).toBeLessThanOrEqual(before + own);
  // One more step would exceed the budget; it has a full batch of images, or the rest of an epoch.
  const images = (epochs - 1) * dataset.train + (steps % stepsPerEpoch) * 6;
  expect(whole + 6 * (whole / images)).toBeGreaterThan(before + own);

  const { experiment } = JSON.parse(await readFile(join(out, 'config.json'), 'utf8')) as {
    experiment: Experiment;
  };
  expect(experiment.arms[2]).toMatchObject({ epochs, steps, cost: { equalTo: 'tuned' } });
  expect(stdout).toMatch(/^tuned .* \d+(\.\d+)? \+ \d+(\.\d+)? MMAC +\d+:\d\d \+ \d+:\d\d /m);
  expect(stdout).toContain(
    `equal was given ${steps} steps, the most with no more compute than tuned in total.`,
  );
  const report = await readFile(join(out, 'report.html'), 'utf8');
  expect(report).toContain(`${steps} steps</span><span class="note">same compute as tuned</span>`);

  const again = join(folder, 'again');
  const interrupted = await runCli(['run', file, '--out', again], {
    onStderr: whenSaid('equal:', 'SIGINT'),
  });
  expect(interrupted.stderr).toContain('Interrupted.');
  const resumed = await runCli(['resume', again]);
  expect({ code: resumed.code, stderr: resumed.stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining(
      `equal: ${epochs} epochs of ${stepsPerEpoch} steps, ${steps} in all`,
    ) as string,
  });
  const weights = (run: string): Promise<Buffer> =>
    readFile(join(run, 'models', 'equal-seed0', 'weights.bin'));
  expect((await weights(again)).equals(await weights(out))).toBe(true);
  expect((await summaryOf(again)).arms.map(({ trainMultiplyAdds }) => trainMultiplyAdds)).toEqual([
    before,
    own,
    whole,
  ]);
});

it.each([
  [
    'less than one step',
    { ...equal, initFrom: 'base', cost: { equalTo: 'base' } },
    /^error: The cost of arm "equal" is that of "base", which takes [\d.]+ MMAC: "base", which the arm is initialised from, takes [\d.]+ MMAC, and one step takes [\d.]+ MMAC, so no step is possible\.$/m,
  ],
  [
    'an arm that does not exist',
    { ...equal, cost: { equalTo: 'big' } },
    /^error: The cost of arm "equal" is that of "big", which does not exist; it must be an earlier arm: base\.$/m,
  ],
  [
    'epochs',
    { ...equal, epochs: 3 },
    /^error: Experiment file ".*wrong\.yaml": arms\[1\]: Exactly one of epochs and cost must be given\.$/m,
  ],
])('refuses a cost with %s in one line, and leaves nothing behind', async (_, arm, message) => {
  const file = await writeExperiment(folder, 'wrong', { ...tinyExperiment, arms: [base, arm] });
  const out = join(folder, 'refused');
  const { code, stdout, stderr } = await runCli(['run', file, '--out', out]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr).not.toMatch(/ at .*\.js:\d/);
  expect(await readdir(folder)).not.toContain('refused');
});
