export { FixresRunsError, type FixresRunsErrorCode } from '../../errors.ts';
export { readLines } from '../files/read-lines.ts';
export {
  type LockOwnerState,
  lockOwnerState,
  ownLock,
  parseLockOwner,
} from '../lock/lock-owner.ts';
export { isInterruption } from '../is-interruption.ts';
export { readEvents } from '../read-events.ts';
export { findRuns } from './find-runs.ts';
export { type KnownImages, readKnownImages } from '../known-images.ts';
export { readLogEnds } from './log-ends.ts';
export { parsePredictionLine, type PredictionLine } from './prediction-line.ts';
export { readRunConfig } from './read-run-config.ts';
export { readRunLeaks } from './run-leaks-file.ts';
export { readRunEntry } from './read-run-entry.ts';
