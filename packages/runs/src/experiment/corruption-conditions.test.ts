import { resize } from '@fixres/data';
import { describe, expect, it } from 'vitest';
import { completeExperiment } from '../experiment-file/complete-experiment.ts';
import { writtenExperiment } from '../experiment-file/written-experiment.ts';
import { parseExperiment } from '../node/experiment-file/parse-experiment-file.ts';
import { resolveExperiment } from '../node/experiment-file/resolve-experiment.ts';
import { experimentOfTrials } from '../sweep/trials.ts';
import { corruptionConditions, corruptionKey } from './corruption-conditions.ts';
import type { Experiment, PlannedExperiment, PrecisionChoice } from './experiment.ts';

async function resolved(corruptions: unknown): Promise<PlannedExperiment<PrecisionChoice>> {
  const file = parseExperiment({ version: 1, dataset: 'synthetic', preset: 'quick', corruptions });
  return resolveExperiment(file, () => Promise.reject(new Error('No image sizes are needed.')));
}

describe('corruptionConditions', () => {
  it('are every corruption at every severity', () => {
    expect(corruptionConditions(undefined)).toEqual([]);
    expect(corruptionConditions({})).toHaveLength(75);
    const conditions = corruptionConditions({ names: ['fog', 'snow'], severities: [1, 5] });
    expect(conditions.map((each) => corruptionKey(resize(64), each))).toEqual([
      'resize+fog-1@64',
      'resize+fog-5@64',
      'resize+snow-1@64',
      'resize+snow-5@64',
    ]);
  });

  it('come from an experiment file, and return to it', async () => {
    expect((await resolved(true)).corruptions).toEqual({});
    expect(await resolved(false)).not.toHaveProperty('corruptions');
    expect(await resolved(undefined)).not.toHaveProperty('corruptions');
    const settings = { names: ['fog'], severities: [2], baseline: 'control' };
    const experiment = await resolved(settings);
    expect(experiment.corruptions).toEqual(settings);
    const complete = completeExperiment({ dataset: 'any', ...writtenExperiment(experiment) });
    expect(complete.corruptions).toEqual(settings);
    // Trials without the baseline use their first arm.
    const { arms, seeds } = experiment as Experiment;
    const trial = (name: string): Experiment =>
      experimentOfTrials(experiment as Experiment, [`${name}@${seeds[0]}`]);
    expect(arms.map(({ name }) => name)).toContain('vanilla');
    expect(trial('small').corruptions).toEqual(settings);
    expect(trial('vanilla').corruptions).toEqual({ names: ['fog'], severities: [2] });
  });

  it.each([
    [{ names: ['smog'] }, 'corruptions.names[0] is "smog"'],
    [{ names: ['fog', 'fog'] }, 'Each corruption can be given once'],
    [{ severities: [6] }, 'corruptions.severities[0] is 6'],
    [{ baseline: 'other' }, 'The baseline of the corruptions is arm "other"; the arms are small, '],
  ])('refuses %j', async (corruptions, message) => {
    const failed = await resolved(corruptions).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ code: 'bad-experiment' });
    expect((failed as Error).message).toContain(message);
    expect((failed as Error).message).not.toContain('\n');
  });
});
