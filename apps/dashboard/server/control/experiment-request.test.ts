import { describe, expect, it } from 'vitest';
import {
  evaluationKey,
  type ExperimentFile,
  fixresExperiment,
  fixresPresets,
  type PlannedExperiment,
  type PrecisionChoice,
} from '@fixres/runs';
import { parseExperiment, resolveExperiment } from '@fixres/runs/node';
import { datasetEntry, experimentOfRun, presetExperiment } from './experiment-request.ts';

const synthetic = { source: 'synthetic' };
const noSizes = (): Promise<never> => Promise.reject(new Error('No image sizes are needed.'));

/** A run's stored configuration. */
function stored(experiment: unknown): unknown {
  return JSON.parse(
    JSON.stringify({
      command: 'fixres run x.yaml',
      dataset: synthetic,
      engine: 'cpu',
      deterministic: false,
      logs: ['csv'],
      threads: 2,
      experiment,
    }),
  );
}

describe('the experiment file of a run', () => {
  it.each(['quick', 'keras', 'paper'] as const)(
    'repeats every setting of the preset %s',
    async (preset) => {
      const settings = fixresPresets[preset];
      const experiment = fixresExperiment({ ...settings, seedCount: 2 });
      const file = parseExperiment(experimentOfRun(stored(experiment), synthetic));
      // Each arm is evaluated under all of the same policies, in any order.
      const inOrder = ({ evaluations, ...rest }: PlannedExperiment<PrecisionChoice>): unknown => ({
        ...rest,
        evaluations: [...evaluations].sort((a, b) =>
          evaluationKey(a).localeCompare(evaluationKey(b)),
        ),
      });
      expect(inOrder(await resolveExperiment(file, noSizes))).toEqual(
        JSON.parse(JSON.stringify(inOrder(experiment))),
      );
      expect(file).toMatchObject({ engine: 'cpu', logs: ['csv'] });
    },
  );

  it('derives epochs and steps again if they were derived from a cost, and keeps the defaults of older runs', async () => {
    const experiment = fixresExperiment(fixresPresets.quick);
    const arms = experiment.arms.map((arm) =>
      arm.cost === undefined ? arm : { ...arm, epochs: 7, steps: 380 },
    );
    const again = await resolveExperiment(
      parseExperiment(experimentOfRun(stored({ ...experiment, arms }), synthetic)),
      noSizes,
    );
    expect(again.arms.find(({ name }) => name === 'vanilla-equal-cost')).toEqual(
      experiment.arms.find(({ name }) => name === 'vanilla-equal-cost'),
    );
    const [small] = experiment.arms;
    const older = {
      ...experiment,
      normStatistics: undefined,
      arms: [{ ...small!, ema: { momentum: 0.9 } }],
      evaluations: [small!.testPolicy],
      comparisons: [],
    };
    const repeated = await resolveExperiment(
      parseExperiment(experimentOfRun(stored(older), synthetic)),
      noSizes,
    );
    expect(repeated).toMatchObject({
      normStatistics: 'running',
      arms: [{ ema: { momentum: 0.9, warmUp: false } }],
    });
  });

  it('repeats every setting that an arm can have', async () => {
    const arm = {
      name: 'a',
      trainPolicy: { policy: 'randomResizedCrop' as const, size: 32, flip: true },
      testPolicy: { policy: 'shortSideCrop' as const, size: 32 },
      epochs: 3,
      schedule: {
        type: 'cosine' as const,
        rate: 0.1,
        minimum: 0.001,
        warmUp: { epochs: 1, from: 0.01 },
      },
      optimizer: {
        type: 'sgd' as const,
        momentum: 0.9,
        nesterov: true,
        weightDecay: { rate: 1e-4, kind: 'l2' },
      },
      layerRates: { decay: 0.8 },
      ema: { momentum: 0.99 },
      labelSmoothing: 0.1,
      earlyStopping: { patience: 2, monitor: 'loss' },
    };
    const file: ExperimentFile = {
      version: 1,
      dataset: 'synthetic',
      model: { name: 'resnet14v2', width: 8 },
      arms: [
        arm,
        {
          ...arm,
          name: 'b',
          initFrom: 'a',
          freeze: {
            name: 'own',
            rules: [{ match: { layer: 'predictions' }, mode: 'train' }],
            otherwise: 'freeze',
          },
        },
      ],
      evaluations: [{ policy: 'resize', size: 48 }],
      comparisons: [{ a: 'b', b: 'a', policy: 'resize@48' }],
      seeds: [4, 7],
      batchSize: 16,
      checkpoint: { everySeconds: 5, keep: 3 },
      activations: false,
    };
    const experiment = await resolveExperiment(file, noSizes);
    expect(
      await resolveExperiment(
        parseExperiment(experimentOfRun(stored(experiment), synthetic)),
        noSizes,
      ),
    ).toEqual(experiment);
  });

  it('derives a length from its cost again', async () => {
    const planned = fixresExperiment(fixresPresets.quick);
    const arms = planned.arms.map((arm) =>
      arm.cost === undefined ? arm : { ...arm, epochs: 7, steps: 301 },
    );
    const file = parseExperiment(experimentOfRun(stored({ ...planned, arms }), synthetic));
    expect((await resolveExperiment(file, noSizes)).arms).toEqual(
      JSON.parse(JSON.stringify(planned.arms)),
    );
  });

  it('repeats a run that predates some settings, with the values of that time', async () => {
    const planned = fixresExperiment({ ...fixresPresets.keras, arms: ['small'] });
    const arms = planned.arms.map((arm) => ({ ...arm, steps: 9, ema: { momentum: 0.9 } }));
    const file = parseExperiment(
      experimentOfRun(stored({ ...planned, arms, normStatistics: undefined }), synthetic),
    );
    const experiment = await resolveExperiment(file, noSizes);
    expect(experiment.normStatistics).toBe('running');
    expect(experiment.arms[0]).toMatchObject({
      epochs: 30,
      steps: 9,
      ema: { momentum: 0.9, warmUp: false },
    });
  });

  it('repeats where a run computed, and the number of images for its statistics', async () => {
    const experiment = fixresExperiment({ ...fixresPresets.quick, normImages: 200 });
    const file = parseExperiment({
      ...experimentOfRun({ ...(stored(experiment) as object), device: 'cpu' }, synthetic),
    });
    expect(file).toMatchObject({ device: 'cpu', normImages: 200, normStatistics: 'precise' });
    expect(await resolveExperiment(file, noSizes)).toMatchObject({
      normImages: 200,
      normStatistics: 'precise',
    });
  });

  it('is rejected if no file can describe the run', () => {
    expect(() => experimentOfRun({}, synthetic)).toThrow(/has no arms/);
    expect(() =>
      experimentOfRun(stored({ model: { folder: 'm' }, arms: [{}] }), synthetic),
    ).toThrow(/initialised from a model folder/);
    expect(datasetEntry({ dataset: { source: 7 } })).toBeUndefined();
    expect(datasetEntry(null)).toBeUndefined();
  });
});

describe('the experiment file of a form', () => {
  it('contains exactly the requested settings', () => {
    const datasets = new Map([['photos', { source: '/photos', heldOut: 0.2 }]]);
    const asked = {
      preset: 'paper',
      dataset: 'photos',
      small: 96,
      epochs: 3,
      limit: 50,
      engine: 'cpu',
      description: 'more',
    };
    const file = presetExperiment(asked, datasets);
    expect(file).toEqual({
      version: 1,
      dataset: { source: '/photos', heldOut: 0.2, limit: 50 },
      preset: 'paper',
      sizes: { small: 96 },
      epochs: 3,
    });
    expect(parseExperiment(file)).toEqual(file);
    expect(
      presetExperiment({ preset: 'quick', dataset: 'photos', seedCount: null }, datasets),
    ).toEqual({ version: 1, dataset: { source: '/photos', heldOut: 0.2 }, preset: 'quick' });
  });

  it('takes rectangles for image sizes, and for nothing else', () => {
    const datasets = new Map([['photos', { source: '/photos' }]]);
    const of = (settings: object): unknown =>
      presetExperiment({ preset: 'quick', dataset: 'photos', ...settings }, datasets);
    const small = { height: 48, width: 64 };
    const file = of({ small: { ...small, more: 1 }, large: 96 });
    expect(file).toMatchObject({ sizes: { small, large: 96 } });
    expect(parseExperiment(file)).toEqual(file);
    for (const wrong of [{ height: 48 }, { height: 48, width: 5000 }, [48, 64], '48x64'])
      expect(() => of({ large: wrong })).toThrow(/"large".*4096, or height and width/);
    expect(() => of({ epochs: small })).toThrow(/"epochs"/);
  });
});
