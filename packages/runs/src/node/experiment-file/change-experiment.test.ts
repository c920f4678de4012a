import { describe, expect, it } from 'vitest';
import { completeExperiment } from '../../experiment-file/complete-experiment.ts';
import { writtenExperiment } from '../../experiment-file/written-experiment.ts';
import { fixresExperiment, fixresPresets } from '../../experiment/fixres-experiment.ts';
import type { PresetName } from '../../experiment/names.ts';
import { changeExperiment } from './change-experiment.ts';
import { experimentYaml } from './experiment-yaml.ts';
import { parseExperiment } from './parse-experiment-file.ts';
import { resolveExperiment } from './resolve-experiment.ts';
import { parse } from 'yaml';

const noSizes = (): Promise<never> => Promise.reject(new Error('No image sizes are needed.'));
const presets: PresetName[] = ['quick', 'keras', 'paper'];

describe.each(presets)('the experiment of preset %s', (preset) => {
  const experiment = fixresExperiment(fixresPresets[preset]);

  it('changes only in the given settings', async () => {
    const changed = await changeExperiment(
      experiment,
      ['arms.fixres.schedule.rate=0.5', 'precision=bfloat16'],
      noSizes,
    );
    const arms = experiment.arms.map((arm) =>
      arm.name === 'fixres' ? { ...arm, schedule: { ...arm.schedule, rate: 0.5 } } : arm,
    );
    expect(changed).toEqual(
      JSON.parse(JSON.stringify({ ...experiment, arms, precision: 'bfloat16' })),
    );
    expect(await changeExperiment(experiment, [], noSizes)).toBe(experiment);
  });

  it('is complete with its defaults, and is the same when parsed from its text', async () => {
    const complete = completeExperiment({
      dataset: 'synthetic',
      ...writtenExperiment(experiment),
    });
    expect(complete).toMatchObject({
      dataset: { source: 'synthetic', heldOut: 0.1 },
      precision: 'float32',
      normImages: 4096,
      checkpoint: { everyEpochs: 1, everySeconds: 600, keep: 2, best: true },
      activations: { images: 256 },
      engine: 'auto',
    });
    const text = experimentYaml(complete, 'First line\nSecond line');
    expect(text).toMatch(/^# First line\n# Second line\n/);
    expect(text).not.toMatch(/[&*]a\d/);
    const again = await resolveExperiment(parseExperiment(parse(text)), noSizes);
    expect(again).toMatchObject(
      JSON.parse(JSON.stringify({ ...experiment, arms: experiment.arms })) as object,
    );
  });
});

it('chooses the precision again that a machine chose', async () => {
  const experiment = fixresExperiment(fixresPresets.quick);
  const chosen = { ...experiment, precision: 'bfloat16', precisionChoice: 'auto' } as const;
  expect(await changeExperiment(chosen, ['batchSize=8'], noSizes)).toMatchObject({
    batchSize: 8,
    precision: 'auto',
  });
  const changed = await changeExperiment(chosen, ['precision=float32'], noSizes);
  expect(changed.precision).toBe('float32');
  expect(changed).not.toHaveProperty('precisionChoice');
});

it('refuses values that the schema does not allow', async () => {
  const experiment = fixresExperiment(fixresPresets.quick);
  await expect(changeExperiment(experiment, ['batchSize=1'], noSizes)).rejects.toMatchObject({
    code: 'bad-experiment',
    message: expect.stringContaining('batchSize is 1') as string,
  });
});
