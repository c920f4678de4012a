import { refuse, requireObject } from '../errors.ts';
import { scalingExponents } from './scaled-schedule.ts';
import type { Schedule } from './schedule.ts';

type Check = readonly [allowed: string, holds: (value: number) => boolean];

const rate: Check = [
  'a finite number of at least 0',
  (value) => Number.isFinite(value) && value >= 0,
];
const fields: Readonly<Record<Schedule['type'], Readonly<Record<string, Check>>>> = {
  constant: {},
  step: {
    factor: ['a number above 0, at most 1', (value) => value > 0 && value <= 1],
    every: [
      'a whole number of epochs, at least 1',
      (value) => Number.isInteger(value) && value >= 1,
    ],
    parts: ['a whole number of at least 1', (value) => Number.isInteger(value) && value >= 1],
  },
  cosine: { minimum: rate },
};

/**
 * Checks untrusted data (for example a configuration file) and returns it as a schedule.
 *
 * @throws FixresFinetuneError `bad-schedule`, naming the field, the value and what is allowed.
 */
export function parseSchedule(value: unknown): Schedule {
  const schedule = requireObject('bad-schedule', 'schedule', value);
  const types = Object.keys(fields);
  const { type } = schedule;
  if (typeof type !== 'string' || !Object.hasOwn(fields, type))
    return invalid('type', type, `one of ${types.join(', ')}`);
  const own = fields[type as Schedule['type']];
  checkKeys(schedule, 'schedule', ['type', 'rate', 'warmUp', 'scaling', ...Object.keys(own)]);
  checkNumber(schedule.rate, 'rate', rate);
  for (const [field, check] of Object.entries(own)) {
    if (schedule[field] !== undefined) checkNumber(schedule[field], field, check);
  }
  if (schedule.every !== undefined && schedule.parts !== undefined)
    invalid('every', schedule.every, 'either every or parts');
  if (type === 'cosine' && Number(schedule.minimum ?? 0) > Number(schedule.rate)) {
    invalid('minimum', schedule.minimum, `at most the rate, ${String(schedule.rate)}`);
  }
  if (schedule.warmUp !== undefined) {
    const warmUp = requireObject('bad-schedule', 'warmUp', schedule.warmUp);
    checkKeys(warmUp, 'warmUp', ['epochs', 'from']);
    checkNumber(warmUp.epochs, 'warmUp.epochs', [
      'a finite number above 0',
      (epochs) => Number.isFinite(epochs) && epochs > 0,
    ]);
    if (warmUp.from !== undefined) checkNumber(warmUp.from, 'warmUp.from', rate);
  }
  if (schedule.scaling !== undefined) {
    const scaling = requireObject('bad-schedule', 'scaling', schedule.scaling);
    checkKeys(scaling, 'scaling', ['rule', 'referenceBatch']);
    const rules = Object.keys(scalingExponents);
    if (typeof scaling.rule !== 'string' || !rules.includes(scaling.rule))
      invalid('scaling.rule', scaling.rule, `one of ${rules.join(', ')}`);
    if (scaling.referenceBatch !== undefined)
      checkNumber(scaling.referenceBatch, 'scaling.referenceBatch', [
        'a whole number of images, at least 1',
        (images) => Number.isInteger(images) && images >= 1,
      ]);
  }
  return value as Schedule;
}

function checkKeys(
  record: Record<string, unknown>,
  what: string,
  allowed: readonly string[],
): void {
  const unknown = Object.keys(record).find((key) => !allowed.includes(key));
  if (unknown !== undefined)
    invalid(what, record, `the fields ${allowed.join(', ')}, and not ${JSON.stringify(unknown)}`);
}

function checkNumber(value: unknown, field: string, [allowed, holds]: Check): void {
  if (typeof value !== 'number' || !holds(value)) invalid(field, value, allowed);
}

function invalid(field: string, value: unknown, allowed: string): never {
  refuse('bad-schedule', field, value, allowed);
}
