import { access } from 'node:fs/promises';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/** Refuses to write where something is, before anything slow is done. */
export async function refuseExisting(folder: string): Promise<void> {
  const exists = await access(folder).then(
    () => true,
    () => false,
  );
  if (exists)
    throw new ExitError(
      exitCodes.usage,
      `error: "${folder}" exists already. Choose another with --out, or remove it.`,
    );
}
