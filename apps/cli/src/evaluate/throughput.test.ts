import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Throughput } from './throughput.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('Throughput excludes the first batch, and counts over several passes', () => {
  const clock = new Throughput();
  expect(clock.imagesPerSecond()).toBe(0);
  clock.start();
  vi.advanceTimersByTime(5000);
  clock.done(10);
  expect(clock.imagesPerSecond()).toBe(2);
  vi.advanceTimersByTime(1000);
  clock.done(30);
  expect(clock.imagesPerSecond()).toBe(20);
  clock.start();
  vi.advanceTimersByTime(1000);
  clock.done(10);
  expect(clock.imagesPerSecond()).toBe(15);
});
