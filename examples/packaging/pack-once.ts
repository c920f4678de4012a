import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { packWorkspace } from './pack-workspace.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The folder with the tarballs of all published packages. */
    packed: string;
  }
}

/** Packs the workspace once, before all tests. */
export default async function packOnce({ provide }: TestProject): Promise<() => Promise<void>> {
  const packed = await mkdtemp(join(tmpdir(), 'fixres-packed-'));
  await packWorkspace(fileURLToPath(new URL('../..', import.meta.url)), packed);
  provide('packed', packed);
  return () => rm(packed, { recursive: true, force: true });
}
