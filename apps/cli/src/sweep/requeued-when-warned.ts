import { exitCodes, ExitError } from '../command-line/exit-error.ts';
import { callProgram } from './call-program.ts';

/**
 * Interrupts the work at the signal that Slurm sends before the time limit (SIGUSR2), and asks Slurm
 * to queue the job again, which resumes it.
 */
export async function requeuedWhenWarned(work: () => Promise<void>): Promise<void> {
  const job = process.env.SLURM_JOB_ID;
  let isWarned = false as boolean;
  const warn = (): void => {
    isWarned = true;
    process.emit('SIGTERM', 'SIGTERM');
  };
  if (job !== undefined) process.on('SIGUSR2', warn);
  try {
    await work();
  } catch (error) {
    if (isWarned && error instanceof ExitError && error.exitCode === exitCodes.interrupted)
      await callProgram('scontrol', ['requeue', job!]);
    throw error;
  } finally {
    process.off('SIGUSR2', warn);
  }
}
