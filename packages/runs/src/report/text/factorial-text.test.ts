import { describe, expect, it } from 'vitest';
import { factorialRecord } from '../../../test/factorial-record.ts';
import { factorialSentences, factorialText } from './factorial-text.ts';

describe('sentences about the parts of a gain', () => {
  it('name what was shown, largest first, what was not, and what depends on what', () => {
    expect(factorialSentences(factorialRecord)).toEqual([
      'Of the +14.0 points of fixres over small, +10.0 (+7.0 to +13.0) come from the test policy and +4.0 (+2.0 to +6.0) from fine-tuning.',
      'By part: test size +10.0 and classifier +5.0; normalisation statistics has no share that differs from zero.',
      'test size and classifier need each other: each adds 2.0 points more if the other is there.',
      'The same fine-tuning at the size of small adds +1.5 points (-0.5 to +3.5) under the test policy of fixres: the effect of more epochs alone.',
    ]);
  });

  it('claim nothing that the tests do not show', () => {
    const { moreEpochs: _, ...record } = factorialRecord;
    const unsure = record.factors.map((each) => ({
      ...each,
      share: { ...each.share, pAdjusted: 0.3 },
    }));
    const [one] = record.stages;
    expect(
      factorialSentences({ ...record, stages: [one!], factors: unsure, interactions: [] }),
    ).toEqual(['No part has a share that differs from zero.']);
    // The corrected test alone is not enough: the interval includes 0.
    const [size, ...rest] = record.factors;
    const wide = { ...size!, share: { ...size!.share, ci95: [-0.01, 0.2] as [number, number] } };
    expect(factorialSentences({ ...record, factors: [wide, ...rest], interactions: [] })[1]).toBe(
      'By part: classifier +5.0; test size and normalisation statistics have no share that differs from zero.',
    );
  });

  it('say that two parts replace each other', () => {
    const interactions = [
      {
        a: 'test size',
        b: 'classifier',
        difference: -0.03,
        ci95: [-0.05, -0.01] as [number, number],
      },
    ];
    expect(factorialSentences({ ...factorialRecord, interactions })[2]).toBe(
      'test size and classifier replace each other: each adds 3.0 points less if the other is there.',
    );
  });
});

it('factorialText is a table that fits, with its reading', () => {
  const lines = factorialText(factorialRecord, 100);
  expect(lines[0]).toBe('small 60.0 % -> fixres 74.0 %: +14.0 points (+11.0 to +17.0)');
  const table = lines[2]!.split('\n');
  expect(table.map((line) => line.trim().split(/ {2,}/))).toEqual([
    ['part', 'share', '95 % interval', 'p', 'first', 'lost without'],
    expect.anything() as unknown,
    ['test size', '+10.0', '+7.0 to +13.0', '<0.001', '+9.0', '+11.0'],
    ['classifier', '+5.0', '+3.0 to +7.0', '0.020', '+4.0', '+6.0'],
    ['normalisation statistics', '-1.0', '-3.0 to +1.0', '0.400', '-2.0', '0.0'],
  ]);
  for (const line of factorialText(factorialRecord, 60).join('\n').split('\n'))
    expect(line.length).toBeLessThanOrEqual(60);
});
