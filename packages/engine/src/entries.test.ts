import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reachableFrom } from '@fixres/testing';
import { describe, expect, it } from 'vitest';

const source = dirname(fileURLToPath(import.meta.url));

describe('package entries', () => {
  it.each([
    ['engine-name.ts', []],
    ['wasm/index.ts', ['@tensorflow/tfjs-core']],
  ])('%s needs no Node module', (entry, needed) => {
    expect([...reachableFrom(join(source, entry)).packages]).toEqual(needed);
  });

  it('setup alone loads archive libraries at once, and graph alone the compiler', () => {
    const heavy = (entry: string): string[] => {
      const { files, packages } = reachableFrom(join(source, entry), false);
      const unpacks = [...packages].filter((name) => /^(tar|yauzl|proper-lockfile)$/.test(name));
      const compiles = [...files].some((file) => file.endsWith('/compile-graph.ts'));
      return [...unpacks.sort(), ...(compiles ? ['compile-graph'] : [])];
    };
    expect(heavy('index.ts')).toEqual([]);
    expect(heavy('setup/index.ts')).toEqual(['proper-lockfile', 'tar', 'yauzl']);
    expect(heavy('graph/index.ts')).toEqual(['compile-graph']);
  });
});
