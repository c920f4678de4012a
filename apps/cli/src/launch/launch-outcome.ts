import { exitCodes } from '../command-line/exit-error.ts';
import type { ProcessEnd } from './run-processes.ts';

/**
 * The exit code for all processes: that of the first one, unless it succeeded and another one failed, it
 * was killed after another one had ended, or it was interrupted because another one was preempted.
 *
 * @param ends in the order in which the processes ended
 */
export function launchOutcome(ends: readonly ProcessEnd[]): { code: number; text: string } {
  const first = ends.find(({ rank }) => rank === 0)!;
  const cause = ends.find((end) => codeOf(end) !== exitCodes.done) ?? first;
  const { rank, code, signal } = cause;
  const isPreempted =
    first.code === exitCodes.interrupted && ends.some((end) => codeOf(end) === exitCodes.preempted);
  return {
    code: isPreempted
      ? exitCodes.preempted
      : first.code === null || first.code === exitCodes.done
        ? codeOf(cause)
        : first.code,
    text: `Process ${rank} ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}.`,
  };
}

/** A process that has not begun to listen for signals ends by them. */
function codeOf({ code, signal }: ProcessEnd): number {
  if (code !== null) return code;
  if (signal === 'SIGUSR1') return exitCodes.preempted;
  return signal === 'SIGINT' || signal === 'SIGTERM' ? exitCodes.interrupted : exitCodes.failed;
}
