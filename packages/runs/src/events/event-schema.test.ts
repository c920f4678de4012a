import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventJsonSchema, eventSchema } from './event-schema.ts';
import type { RunEvent } from './events.ts';

const event = { n: 3, time: '2026-11-24T08:00:00.000Z' };
const epoch: RunEvent = {
  ...event,
  type: 'epoch',
  arm: 'small',
  seed: 0,
  epoch: 0,
  loss: 1.2,
  accuracy: 0.4,
  heldOutAccuracy: 0.5,
  seconds: 3,
  imagesPerSecond: 90,
  tensors: 120,
};

describe('eventSchema', () => {
  it('accepts events, including fields of later versions', () => {
    expect(eventSchema.safeParse(epoch).success).toBe(true);
    expect(eventSchema.safeParse({ ...epoch, gpuHours: 2 }).success).toBe(true);
    expect(eventSchema.safeParse({ ...event, type: 'run-interrupted' }).success).toBe(true);
  });

  it.each([
    ['an event without a number', { ...epoch, n: undefined }],
    ['an invalid time', { ...epoch, time: 'yesterday' }],
    ['an unknown type', { ...epoch, type: 'epoc' }],
    ['a missing field', { ...epoch, loss: undefined }],
    ['an accuracy above 1', { ...epoch, accuracy: 52.1 }],
    ['another format', { ...event, type: 'run-start', format: 2 }],
  ])('refuses %s', (_, wrong) => {
    expect(eventSchema.safeParse(wrong).success).toBe(false);
  });
});

it('matches events.schema.json', () => {
  const file = new URL('../../events.schema.json', import.meta.url);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(eventJsonSchema())),
  );
});
