import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findNpm } from '../find-tools.ts';
import type { Missing } from '../missing.ts';
import { lastLine, runCommand } from '../run-command.ts';
import type { DownloadContext } from '../setup-context.ts';
import type { DownloadRecord, Downloads } from './downloads.ts';
import { type RuntimePackage, specOf } from './runtime-packages.ts';
import { unreachable } from './unreachable.ts';

/** The packages that `downloads` does not have yet. */
export function missingPackages(
  downloads: Downloads,
  packages: readonly RuntimePackage[],
): RuntimePackage[] {
  return packages.filter((each) => !downloads.find(specOf(each), 'any'));
}

/**
 * Downloads the package tarballs into `downloads` with `npm pack`. Uses the user's npm
 * configuration (registry, proxy, credentials), including that of a project in the current folder.
 * Runs no script of any package.
 */
export async function obtainPackages(
  downloads: Downloads,
  { packages, onStep, signal }: DownloadContext,
): Promise<readonly DownloadRecord[] | Missing> {
  const absent = missingPackages(downloads, packages);
  if (absent.length > 0) {
    const npm = await findNpm(signal);
    if ('problem' in npm) return { missing: [npm.problem] };
    onStep(`fetching ${absent.map(specOf).join(', ')} with npm`);
    const partial = await downloads.makePartial();
    try {
      const flags = [
        '--pack-destination',
        partial,
        '--ignore-scripts',
        '--workspaces=false',
        '--prefer-offline',
        '--no-update-notifier',
      ];
      const { code, output } = await runCommand(
        npm.command,
        [...npm.args, 'pack', ...absent.map(specOf), ...flags],
        { signal },
      );
      if (code !== 0)
        return (
          unreachable('the npm registry', output) ?? {
            missing: [`npm could not fetch ${absent.map(specOf).join(', ')}: ${npmError(output)}`],
          }
        );
      for (const each of absent) {
        const file = join(partial, tarballOf(each));
        if (!(await hasIntegrity(file, each)))
          return {
            missing: [`npm fetched a different file than ${specOf(each)}: its checksum differs`],
          };
        await downloads.add(file, { wanted: specOf(each), platform: 'any' }, signal);
      }
    } finally {
      await downloads.removePartial();
    }
  }
  // A folder from another machine has its own list of checksums, which proves nothing.
  const found = packages.map((each) => downloads.find(specOf(each), 'any')!);
  for (const [i, each] of packages.entries()) {
    const file = downloads.path(found[i]!);
    if (!(await hasIntegrity(file, each)))
      return { missing: [`${file} is not ${specOf(each)}: its checksum differs`] };
  }
  return found;
}

/** npm's file name for a packed package. */
function tarballOf({ name, version }: RuntimePackage): string {
  return `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
}

async function hasIntegrity(file: string, { integrity }: RuntimePackage): Promise<boolean> {
  const bytes = await readFile(file).catch(() => null);
  return (
    bytes !== null && `sha512-${createHash('sha512').update(bytes).digest('base64')}` === integrity
  );
}

/** The error code of npm and the first line about it. */
function npmError(output: string): string {
  const lines = Array.from(output.matchAll(/^npm (?:error|ERR!) (.+)$/gm), ([, text]) =>
    text!.trim(),
  );
  const code = lines.find((line) => line.startsWith('code '))?.slice('code '.length);
  const reason =
    lines.find((line) => !/^(code|errno|syscall|path|A complete log)\b/.test(line)) ??
    lastLine(output);
  return code ? `${code}, ${reason}` : reason;
}
