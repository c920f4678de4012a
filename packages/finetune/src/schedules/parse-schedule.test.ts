import { expect, it } from 'vitest';
import { FixresFinetuneError } from '../errors.ts';
import { parseSchedule } from './parse-schedule.ts';

it('parseSchedule returns valid schedules unchanged', () => {
  const schedule = { type: 'cosine', rate: 0.1, minimum: 0, warmUp: { epochs: 0.5, from: 1e-5 } };
  expect(parseSchedule(schedule)).toBe(schedule);
});

it.each([
  ['cosine', 'schedule: received "cosine"; allowed is an object'],
  [
    { type: 'linear', rate: 1 },
    'type: received "linear"; allowed is one of constant, step, cosine',
  ],
  [
    { type: 'constructor', rate: 1 },
    'type: received "constructor"; allowed is one of constant, step, cosine',
  ],
  [{ type: 'constant' }, 'rate: received nothing; allowed is a finite number of at least 0'],
  [{ type: 'constant', rate: -1 }, 'rate: received -1; allowed is a finite number of at least 0'],
  [{ type: 'constant', rate: NaN }, 'rate: received NaN; allowed is a finite number of at least 0'],
  [
    { type: 'step', rate: 1, factor: 0 },
    'factor: received 0; allowed is a number above 0, at most 1',
  ],
  [
    { type: 'step', rate: 1, parts: 0 },
    'parts: received 0; allowed is a whole number of at least 1',
  ],
  [
    { type: 'step', rate: 1, every: 30, parts: 4 },
    'every: received 30; allowed is either every or parts',
  ],
  [
    { type: 'constant', rate: 1, parts: 4 },
    'schedule: received {"type":"constant","rate":1,"parts":4}; allowed is the fields type, rate, warmUp, scaling, and not "parts"',
  ],
  [
    { type: 'step', rate: 1, every: 2.5 },
    'every: received 2.5; allowed is a whole number of epochs, at least 1',
  ],
  [
    { type: 'cosine', rate: 0.1, minimum: 0.2 },
    'minimum: received 0.2; allowed is at most the rate, 0.1',
  ],
  [{ type: 'cosine', rate: 0.1, warmUp: 3 }, 'warmUp: received 3; allowed is an object'],
  [
    { type: 'cosine', rate: 0.1, warmUp: { epochs: 0 } },
    'warmUp.epochs: received 0; allowed is a finite number above 0',
  ],
  [
    { type: 'cosine', rate: 0.1, warmUp: { epochs: 1, to: 2 } },
    'warmUp: received {"epochs":1,"to":2}; allowed is the fields epochs, from, and not "to"',
  ],
  [
    { type: 'constant', rate: 1, every: 3 },
    'schedule: received {"type":"constant","rate":1,"every":3}; allowed is the fields type, rate, warmUp, scaling, and not "every"',
  ],
  [
    { type: 'constant', rate: 1, scaling: { rule: 'cubic' } },
    'scaling.rule: received "cubic"; allowed is one of linear, square-root',
  ],
  [
    { type: 'constant', rate: 1, scaling: { rule: 'toString' } },
    'scaling.rule: received "toString"; allowed is one of linear, square-root',
  ],
  [
    { type: 'step', rate: 1, scaling: { rule: 'linear', referenceBatch: 0.5 } },
    'scaling.referenceBatch: received 0.5; allowed is a whole number of images, at least 1',
  ],
])('parseSchedule rejects %j', (value, message) => {
  const parse = (): unknown => parseSchedule(value);
  expect(parse).toThrow(FixresFinetuneError);
  expect(parse).toThrow(expect.objectContaining({ code: 'bad-schedule', message }));
});
