import { randomUUID } from 'node:crypto';
import type { Submission } from './sweep-plan.ts';

export function newSubmission(of: Omit<Submission, 'name' | 'time'>): Submission {
  return { name: `fixres-${randomUUID().slice(0, 8)}`, ...of, time: new Date().toISOString() };
}
