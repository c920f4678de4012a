import { describe, expect, it } from 'vitest';
import type { RunRow } from '../../../shared/protocol.ts';
import { matches } from './run-filter.ts';

const row = (id: string, config: RunRow['config']): RunRow => ({
  id,
  status: 'finished',
  startedAt: '',
  updatedAt: '',
  config,
  scores: [],
  live: null,
  made: '',
  problem: null,
});

const rows = [
  row('run-10', { 'model.width': 80, x: 'a', 'small.schedule.rate': 0.01 }),
  row('run-9', { 'model.width': 8, 'model.name': 'resnet8', 'small.schedule.rate': 0.001 }),
  row('run-1', { 'model.width': 80, x: 'b', deterministic: true }),
];

function found(filter: string): string[] {
  return rows.filter((each) => matches(each, filter)).map(({ id }) => id);
}

describe('the filter of runs', () => {
  it('matches every word within a name, a status or a setting', () => {
    expect(found('  ')).toHaveLength(3);
    expect(found('run-1')).toEqual(['run-10', 'run-1']);
    expect(found('RUN-1 nothing')).toEqual([]);
    expect(found('finished resnet')).toEqual(['run-9']);
    expect(found('80')).toEqual(['run-10', 'run-1']);
  });

  it('matches numbers of a setting exactly, and texts in part', () => {
    expect(found('model.width:8')).toEqual(['run-9']);
    expect(found('width:80')).toEqual(['run-10', 'run-1']);
    expect(found('width:8.0')).toEqual(['run-9']);
    expect(found('schedule.rate:0.01')).toEqual(['run-10']);
    expect(found('rate:1e-3')).toEqual(['run-9']);
    expect(found('name:resn')).toEqual(['run-9']);
    expect(found('dth:8')).toEqual([]);
    expect(found('width:eight')).toEqual([]);
  });

  it('matches a key alone to runs with that setting', () => {
    expect(found('x:')).toEqual(['run-10', 'run-1']);
    expect(found('deterministic:true status:fin')).toEqual(['run-1']);
  });
});
