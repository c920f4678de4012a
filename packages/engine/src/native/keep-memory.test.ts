import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type AllocatorFacts, reasonAgainst, usesOneDnn } from './keep-memory.ts';

const helped: AllocatorFacts = {
  platform: 'linux',
  device: 'cpu',
  oneDnn: false,
  tunables: 'glibc.pthread.rseq=0',
};

describe('reasonAgainst', () => {
  it('is undefined where it helps', () => expect(reasonAgainst(helped)).toBeUndefined());

  it.each<[string, Partial<AllocatorFacts>, RegExp]>([
    ['other systems', { platform: 'darwin' }, /darwin/],
    ['a GPU', { device: 'gpu' }, /GPU/],
    ['oneDNN', { oneDnn: true }, /oneDNN/],
    ["the user's own settings", { tunables: 'glibc.malloc.mmap_max=5' }, /GLIBC_TUNABLES/],
  ])('is a clause with %s', (_, facts, reason) =>
    expect(reasonAgainst({ ...helped, ...facts })).toMatch(reason),
  );
});

describe('usesOneDnn', () => {
  it.each<[string, string[], string | undefined, boolean]>([
    ['x64', ['avx2', 'fma'], undefined, false],
    ['x64', ['avx2', 'avx512f'], '', false],
    ['x64', ['avx2', 'avx512f', 'avx512_vnni'], undefined, true],
    ['x64', ['avx2', 'avx_vnni'], undefined, true],
    ['x64', ['avx2'], '1', true],
    ['x64', ['amx_tile'], 'false', false],
    ['arm64', ['asimd'], undefined, true],
  ])('is known for %s with %j and the variable %s', (architecture, features, variable, expected) =>
    expect(usesOneDnn(architecture, features, variable)).toBe(expected),
  );
});

describe('keepMemory', { tags: ['native-engine'] }, () => {
  /** Loads the engine in a process of its own, because the allocator is that of the whole process. */
  async function load(program: string, variables: NodeJS.ProcessEnv): Promise<unknown> {
    const url = (file: string): string => new URL(file, import.meta.url).href;
    const text = `
      import { releaseFreeMemory, useEngine } from ${JSON.stringify(url('../../dist/index.js'))};
      import { allocatorReport } from ${JSON.stringify(url('../../dist/native/keep-memory.js'))};
      await useEngine({ engine: 'tensorflow', device: 'cpu' });
      ${program}`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--expose-gc', '--input-type=module', '-e', text],
      {
        cwd: new URL('../..', import.meta.url),
        env: { ...process.env, NODE_OPTIONS: '', GLIBC_TUNABLES: '', ...variables },
      },
    );
    return JSON.parse(stdout);
  }

  it.runIf(process.platform === 'linux')(
    'keeps freed memory until it is released, without touching it',
    async () => {
      const seen = (await load(
        `import { setTimeout } from 'node:timers/promises';
        const megabytes = () => process.memoryUsage.rss() / 1e6;
        const begin = megabytes();
        // 40 blocks of 8 MB come from malloc, and would be mapped and unmapped one by one.
        const use = async () => {
          let blocks = Array.from({ length: 40 }, () => new Uint8Array(8e6).fill(1));
          blocks = [];
          globalThis.gc();
          await setTimeout(50);
        };
        await use();
        const kept = megabytes() - begin;
        const report = allocatorReport();
        releaseFreeMemory();
        console.log(JSON.stringify({ report, kept, released: megabytes() - begin }));`,
        { TF_ENABLE_ONEDNN_OPTS: '0' },
      )) as { report: { keepsMemory: boolean }; kept: number; released: number };
      expect(seen.report.keepsMemory).toBe(true);
      expect(seen.kept).toBeGreaterThan(250);
      expect(seen.released).toBeLessThan(100);
    },
  );

  it('leaves malloc alone with oneDNN', async () => {
    const print = 'console.log(JSON.stringify(allocatorReport()));';
    expect(await load(print, { TF_ENABLE_ONEDNN_OPTS: '1' })).toMatchObject({
      keepsMemory: false,
    });
  });
});
