import type { SeedStoppingRecord } from '../../events/events.ts';
import { counted, points } from '../format.ts';

/** How the number of seeds was decided, as sentences. */
export function seedStoppingText({
  a,
  b,
  policy,
  until,
  max,
  isReached,
  values,
  ci95,
}: SeedStoppingRecord): string {
  const difference = `${a} - ${b}${policy === 'own' ? '' : ` (${policy})`}`;
  const goal =
    until === 'excludes0'
      ? `the interval over seeds of ${difference} excluded 0`
      : `${difference} was known to ${(until.halfWidth * 100).toFixed(1)} points over seeds`;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const found =
    ci95 === null
      ? 'an interval needs at least 4 seeds'
      : `${points(mean)} points, ${points(ci95[0])} to ${points(ci95[1])} by a 95 % confidence sequence, which holds although it was looked at after every seed`;
  const ended = isReached
    ? `Training ended after ${counted(values.length, 'seed')} of at most ${max}, when ${goal}`
    : `Training was to end when ${goal}; ${counted(values.length, 'seed')} of at most ${max} did not reach this`;
  return `${ended}: ${found}. It is about training again, on these held-out images.`;
}
