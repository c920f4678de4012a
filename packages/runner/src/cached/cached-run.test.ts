import { useEngine } from '@fixres/engine/node';
import { expect, it } from 'vitest';
import { viewImages } from '../../test/view-images.ts';
import type { RunEventInput, Summary } from '../events.ts';
import { fixresExperiment, fixresPresets } from '../fixres-experiment.ts';
import { runExperiment } from '../run-experiment.ts';
import type { FeatureSettings } from './cache-features.ts';

it('keeps features in the fine-tuning arms of an experiment, with the same result, and says so', async () => {
  const engine = await useEngine({ engine: 'tensorflow' });
  const experiment = fixresExperiment({ ...fixresPresets.quick, width: 4, small: 32, large: 48, epochs: 1, finetuneEpochs: 3, batchSize: 8 });
  const run = async (features: FeatureSettings): Promise<{ summary: Summary; events: RunEventInput[] }> => {
    const events: RunEventInput[] = [];
    const summary = await runExperiment(experiment, {
      engine,
      dataset: { name: 'made', classes: ['above', 'below'], train: 20, heldOut: 12, skipped: 0 },
      train: viewImages(20, 1),
      heldOut: viewImages(12, 2),
      memory: { reset: () => undefined, peakMb: () => 1, nowMb: () => 1 },
      onEvent: (event) => events.push(event),
      features,
    });
    return { summary, events };
  };
  const cached = await run({});
  const uncached = await run({ budget: { memoryBytes: 0, diskBytes: 0 } });
  const plans = (events: RunEventInput[]) => events.flatMap((event) => (event.type === 'feature-cache' ? [[event.arm, event.where, event.form]] : []));
  expect(plans(cached.events)).toEqual([
    ['fixres', 'memory', 'maps'],
    ['control', 'memory', 'maps'],
  ]);
  expect(plans(uncached.events).map(([, where]) => where)).toEqual(['nowhere', 'nowhere']);
  const losses = ({ arms }: Summary): number[] => arms.flatMap(({ curves }) => curves.flatMap(({ epochs }) => epochs.map(({ loss }) => loss)));
  losses(uncached.summary).forEach((loss, i) => expect(losses(cached.summary)[i]).toBeCloseTo(loss, 5));
  const left = cached.events.flatMap((event) => (event.type === 'progress' ? [event.etaSeconds] : []));
  expect(left.at(-1)).toBeCloseTo(0, 3);
});
