import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * The folder where fixres keeps expensive results: `FIXRES_CACHE`, else `$XDG_CACHE_HOME/fixres` or
 * `~/.cache/fixres` (Linux), `~/Library/Caches/fixres` (macOS), `%LOCALAPPDATA%\fixres\Cache`
 * (Windows). It may not exist yet.
 *
 * @param environment Environment variables; default: those of the process.
 */
export function defaultCacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = environment.FIXRES_CACHE;
  if (chosen) return resolve(chosen);
  if (platform === 'win32')
    return join(
      nonEmpty(environment.LOCALAPPDATA) ?? join(homedir(), 'AppData', 'Local'),
      'fixres',
      'Cache',
    );
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'fixres');
  return join(nonEmpty(environment.XDG_CACHE_HOME) ?? join(homedir(), '.cache'), 'fixres');
}

/** An empty variable counts as unset. */
function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}
