import { fixresExperiment, fixresPresets } from '@fixres/runs';
import { expect, it } from 'vitest';
import { completeFile } from './complete-file.ts';

const planned = fixresExperiment(fixresPresets.quick);
const plan = {
  dataset: { source: 'photos' },
  engine: 'auto',
  device: 'auto',
  deterministic: true,
  logs: ['csv'],
} as Parameters<typeof completeFile>[0];

it('keeps the memory budget, and every other setting of the plan', () => {
  expect(completeFile({ ...plan, memoryMb: 2500 }, planned)).toMatchObject({
    ...plan,
    memory: '2500MB',
    batchSize: planned.batchSize,
  });
});

it('names no memory without a budget', () => {
  expect(completeFile(plan, planned)).not.toHaveProperty('memory');
});
