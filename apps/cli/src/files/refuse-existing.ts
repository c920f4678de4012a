import { access } from 'node:fs/promises';
import { ExitError, exitCodes } from '../command-line/exit-error.ts';

/** Refuses to overwrite an existing file or folder, before slow work. */
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
