import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface WorkspaceVersions {
  /** The range of a dependency in the catalog of the workspace: the one that it is tested with. */
  catalog: (name: string) => string;
  /** The pnpm of the workspace, as `pnpm@10.0.0`. */
  packageManager: string;
}

/** @param root folder of the workspace */
export async function workspaceVersions(root: string): Promise<WorkspaceVersions> {
  const { packageManager } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    packageManager: string;
  };
  const text = await readFile(join(root, 'pnpm-workspace.yaml'), 'utf8');
  const versions = new Map(
    Array.from(text.matchAll(/^ {2}['"]?([@\w/-]+)['"]?: (\S+)$/gm), ([, name, version]) => [
      name!,
      version!,
    ]),
  );
  return { catalog: (name) => versions.get(name)!, packageManager };
}
