export { readLines } from '../files/read-lines.ts';
export {
  type LockOwnerState,
  lockOwnerState,
  ownLock,
  parseLockOwner,
} from '../lock/lock-owner.ts';
export { readEvents } from '../read-events.ts';
export { findRuns } from './find-runs.ts';
export { readLogEnds } from './log-ends.ts';
export { readRunEntry } from './read-run-entry.ts';
